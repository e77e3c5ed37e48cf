"""A passkey's device and its browser, in software: makes P-256 keys and signs what browsers sign (WebAuthn Level 3)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


@dataclass
class Credential:
    """A key that the device keeps, with the user it is for."""

    rp_id: str
    user_handle: bytes
    id: bytes = field(default_factory=lambda: token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    @property
    def cose_key(self) -> bytes:
        """The public key as RFC 9053 writes one of ES256."""
        point = self.key.public_key().public_numbers()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})


@dataclass
class SoftAuthenticator:
    """Does as it is told, and what its fields say: so it can lie as well."""

    origin: str
    verifies_user: bool = True
    counts: bool = True
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any], *, as_: Credential | None = None) -> dict[str, Any]:
        """What `navigator.credentials.create()` resolves to, as `toJSON()` writes it."""
        credential = as_ or Credential(options["rp"]["id"], unb64(options["user"]["id"]), count=int(self.counts))
        self.credentials.append(credential)
        attested = bytes(16) + len(credential.id).to_bytes(2) + credential.id + credential.cose_key
        data = self._data(credential, ATTESTED) + attested
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
            "attestationObject": b64(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid", "<script>"],
        }
        return self._answer(credential, response)

    def get(self, options: dict[str, Any], *, which: int = -1) -> dict[str, Any]:
        """What `navigator.credentials.get()` resolves to, of the credential that was made last."""
        credential = self.credentials[which]
        credential.count += int(self.counts)
        data, client_data = self._data(credential), self._client_data("webauthn.get", options["challenge"])
        signed = data + sha256(unb64(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": b64(data),
            "signature": b64(credential.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": b64(credential.user_handle),
        }
        return self._answer(credential, response)

    def _data(self, credential: Credential, flags: int = 0) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return sha256(credential.rp_id.encode()).digest() + bytes([flags]) + credential.count.to_bytes(4)

    def _client_data(self, type_: str, challenge: str) -> str:
        said = {"type": type_, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return b64(json.dumps(said).encode())

    def _answer(self, credential: Credential, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": b64(credential.id),
            "rawId": b64(credential.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
