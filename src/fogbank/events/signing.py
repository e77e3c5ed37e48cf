"""Signatures of batches: Ed25519 (RFC 8032) over the SHA-256 of the payload as it travels.

A batch is signed, not each of its events: signing and checking cost 80 µs each, whatever the batch holds. What else
a message says of itself needs no signature: its subject is checked against the sender's credentials, and a batch sent
again under another name is the same readings. The queue drops a second message of one name, whoever sends it, so the
name is made of the signature as well: nobody else can take it first, and have the batch dropped as a repeat.

With libsodium, which the queue's sign-in by key loads anyway: agents pay for it with a tenth of the memory of OpenSSL.
"""

import base64
import binascii
from hashlib import sha256

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from fogbank.events.batch import MESSAGE_ID, Batch

SIGNATURE = "Fogbank-Signature"
SIGNATURE_KEY = "Fogbank-Key"
"""Which of the sender's keys the signature is by: `key_id` of it."""

KEY_ID_CHARACTERS = 16
NAME_CHARACTERS = 22
"""128 bits of a signature, in base64."""
SEED_BYTES = 32


class NotAKey(ValueError):
    """What should be the 32 bytes of an Ed25519 key in base64 is something else."""


def key_id(public_key: str) -> str:
    """The short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(_bytes_of(public_key)).hexdigest()[:KEY_ID_CHARACTERS]


def public_key_of(seed: bytes) -> str:
    """The public key of a private one, in base64. `seed` is its 32 bytes; `NotAKey` where they are not 32."""
    return base64.b64encode(bytes(_private(seed).verify_key)).decode()


def signed(batch: Batch, seed: bytes) -> Batch:
    """The batch with the signature of its payload by the private key `seed`, and with a name that only it can have."""
    private = _private(seed)
    signature = base64.b64encode(private.sign(sha256(batch.payload).digest()).signature).decode()
    headers = {SIGNATURE: signature, SIGNATURE_KEY: key_id(public_key_of(seed))}
    if MESSAGE_ID in batch.headers:
        headers[MESSAGE_ID] = f"{batch.headers[MESSAGE_ID]}:{signature[:NAME_CHARACTERS]}"
    return Batch(batch.payload, batch.headers | headers)


def is_signed_by(payload: bytes, signature: str, public_key: str) -> bool:
    """Whether `signature`, in base64, is one of `payload` by the owner of `public_key`. Anything malformed is not."""
    try:
        VerifyKey(_bytes_of(public_key)).verify(sha256(payload).digest(), base64.b64decode(signature, validate=True))
    except (BadSignatureError, ValueError, binascii.Error):
        return False
    return True


def _private(seed: bytes) -> SigningKey:
    if len(seed) != SEED_BYTES:
        raise NotAKey(f"a private key has {SEED_BYTES} bytes, not {len(seed)}")
    return SigningKey(seed)


def _bytes_of(public_key: str) -> bytes:
    try:
        raw = base64.b64decode(public_key, validate=True)
    except (ValueError, binascii.Error):
        raise NotAKey("a public key is written in base64") from None
    if len(raw) != SEED_BYTES:
        raise NotAKey(f"a public key has {SEED_BYTES} bytes, not {len(raw)}")
    return raw
