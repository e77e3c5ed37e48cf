"""What the queue asks about who signs in, and what we answer: JSON Web Tokens as NATS signs them. Pure.

The contract is NATS's auth callout (its decision ADR-26): a request to `$SYS.REQ.USER.AUTH`, answered with a token that
holds another one, the user's.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct, field

from fogbank.runtime.queue_credentials import NODES_ACCOUNT, Permissions
from fogbank.runtime.queue_keys import account_key

HEADER = b'{"typ":"JWT","alg":"ed25519-nkey"}'
UNLIMITED = -1


class RequestUnreadable(ValueError):
    """What came is no question about somebody who signs in."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody at the door: what they show, the nonce that they had to sign, and to whom the answer goes."""

    server_id: str
    user_nkey: str
    nkey: str
    signature: str
    nonce: str
    expires_s: int


class _Server(Struct):
    id: str


class _Client(Struct):
    nonce: str = ""


class _Shown(Struct):
    nkey: str = ""
    sig: str = ""


class _Question(Struct):
    server_id: _Server
    user_nkey: str
    client_info: _Client = field(default_factory=_Client)
    connect_opts: _Shown = field(default_factory=_Shown)


class _Request(Struct):
    nats: _Question
    exp: int = 0


def read_request(payload: bytes) -> SignIn:
    """The question; `RequestUnreadable` where it is none."""
    try:
        claims = payload.split(b".")[1]
        request = msgspec.json.decode(base64.urlsafe_b64decode(claims + b"=" * (-len(claims) % 4)), type=_Request)
    except (IndexError, ValueError, binascii.Error) as error:
        raise RequestUnreadable(str(error)) from None
    question = request.nats
    return SignIn(
        server_id=question.server_id.id,
        user_nkey=question.user_nkey,
        nkey=question.connect_opts.nkey,
        signature=question.connect_opts.sig,
        nonce=question.client_info.nonce,
        expires_s=request.exp,
    )


def granted(sign_in: SignIn, name: str, permissions: Permissions, issuer_seed: bytes, now_s: int) -> bytes:
    """The answer that lets them in, as `name`, to do no more than that."""
    user = {
        "type": "user",
        "version": 2,
        "subs": UNLIMITED,
        "data": UNLIMITED,
        "payload": UNLIMITED,
        "pub": {"allow": permissions.publish},
        "sub": {"allow": permissions.subscribe},
    }
    token = _signed({"sub": sign_in.user_nkey, "aud": NODES_ACCOUNT, "name": name, "nats": user}, issuer_seed, now_s)
    return _answer(sign_in, {"jwt": token.decode()}, issuer_seed, now_s)


def refused(sign_in: SignIn, reason: str, issuer_seed: bytes, now_s: int) -> bytes:
    """The answer that does not; the queue's log has the reason, who knocks is not told."""
    return _answer(sign_in, {"error": reason}, issuer_seed, now_s)


def _answer(sign_in: SignIn, said: dict[str, str], issuer_seed: bytes, now_s: int) -> bytes:
    body = {"type": "authorization_response", "version": 2, **said}
    return _signed({"sub": sign_in.user_nkey, "aud": sign_in.server_id, "nats": body}, issuer_seed, now_s)


def _signed(claims: dict[str, Any], issuer_seed: bytes, now_s: int) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(issuer_seed)
    issued = {**claims, "iss": account_key(private.public_key().public_bytes_raw()), "iat": now_s}
    identified = {**issued, "jti": sha256(msgspec.json.encode(issued)).hexdigest()}
    text = _encoded(HEADER) + b"." + _encoded(msgspec.json.encode(identified))
    return text + b"." + _encoded(private.sign(text))


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
