"""What nodes sign to show which keys they hold, and how that is checked. Pure."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def registration_text(token: str, node_id: str) -> bytes:
    """What a node signs with its private key when it registers: that this key and this name belong together."""
    return f"fogbank node registration\n{token}\n{node_id}".encode()


def rotation_text(node_id: str, public_key: str) -> bytes:
    """What both keys of a node sign when the second follows the first."""
    return f"fogbank node key rotation\n{node_id}\n{public_key}".encode()


def signature_of(text: bytes, seed: bytes) -> str:
    """The signature by the private key `seed`, in base64."""
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(text)).decode()


def is_signature(text: bytes, signature: str, public_key: bytes) -> bool:
    """Whether `signature`, in base64 or base64url, is one of `text` by the owner of `public_key`."""
    try:
        raw = base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=_altchars(signature), validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, text)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _altchars(text: str) -> bytes | None:
    return b"-_" if "-" in text or "_" in text else None
