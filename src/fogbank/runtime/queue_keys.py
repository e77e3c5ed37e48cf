"""Ed25519 keys as NATS writes them ("nkeys"): a prefix that says whose, the 32 bytes, a CRC-16, in base32. Pure."""

import binascii
from base64 import b32decode, b32encode

SEED, USER, ACCOUNT = 18 << 3, 20 << 3, 0
"""What the first letter is made of: `S`, `U`, `A`."""

KEY_BYTES = 32
CHECKSUM_BYTES = 2


class NotAQueueKey(ValueError):
    """Text that is not a key of the kind that it should be."""


def user_seed(seed: bytes) -> str:
    """The private key of a user, as clients of NATS take it: `SU…`."""
    return _written(bytes([SEED | USER >> 5, (USER & 31) << 3]), seed)


def user_key(public_key: bytes) -> str:
    """The public key of a user: `U…`."""
    return _written(bytes([USER]), public_key)


def account_key(public_key: bytes) -> str:
    """The public key of an account: `A…`. Answers about who may sign in are issued by one."""
    return _written(bytes([ACCOUNT]), public_key)


def read_user_key(text: str) -> bytes:
    """The 32 bytes of a user's public key; `NotAQueueKey` where the text is none."""
    try:
        raw = b32decode(text + "=" * (-len(text) % 8))
    except (ValueError, binascii.Error):
        raise NotAQueueKey(text) from None
    body, checksum = raw[:-CHECKSUM_BYTES], raw[-CHECKSUM_BYTES:]
    if len(body) != KEY_BYTES + 1 or body[0] != USER or checksum != _checksum(body):
        raise NotAQueueKey(text)
    return body[1:]


def _written(prefix: bytes, key: bytes) -> str:
    if len(key) != KEY_BYTES:
        raise NotAQueueKey(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    body = prefix + key
    return b32encode(body + _checksum(body)).rstrip(b"=").decode()


def _checksum(body: bytes) -> bytes:
    return binascii.crc_hqx(body, 0).to_bytes(CHECKSUM_BYTES, "little")
