"""How keys look: `fb_live_`, 43 characters of letters and digits, and a checksum of six.

The checksum is the CRC-32 of everything before it, in base 62: a typo is refused without a look at the database, and
whoever scans texts for secrets can tell a key from what only looks like one. It keeps nobody out: the 256 random bits
before it do. Keys made before there was a checksum have 43 characters of base64url and none.
"""

import re
from zlib import crc32

from fogbank.runtime.entropy import Entropy

API_KEY_PREFIX = "fb_live_"
CLIENT_SECRET_PREFIX = "fb_secret_"  # noqa: S105
"""Of a service account: shown for a token, and not itself a credential of requests."""

SECRET_BYTES = 32
SECRET_CHARACTERS = 43
CHECKSUM_CHARACTERS = 6
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_CHECKED = re.compile(rf"[0-9A-Za-z]{{{SECRET_CHARACTERS + CHECKSUM_CHARACTERS}}}", re.ASCII)
_UNCHECKED = re.compile(rf"[0-9A-Za-z_-]{{{SECRET_CHARACTERS}}}", re.ASCII)


def new_key(entropy: Entropy, prefix: str = API_KEY_PREFIX) -> str:
    """A fresh secret of 256 random bits behind `prefix`, and its checksum."""
    secret = prefix + _base62(int.from_bytes(entropy(SECRET_BYTES)), SECRET_CHARACTERS)
    return secret + checksum(secret)


def is_key(text: str, prefix: str = API_KEY_PREFIX) -> bool:
    """Whether `text` may be a key: it has the form, and its checksum, where it has one, is right."""
    if not text.startswith(prefix):
        return False
    rest = text[len(prefix) :]
    if _CHECKED.fullmatch(rest):
        return checksum(text[:-CHECKSUM_CHARACTERS]) == text[-CHECKSUM_CHARACTERS:]
    return _UNCHECKED.fullmatch(rest) is not None


def checksum(text: str) -> str:
    """Six characters that depend on all of `text`."""
    return _base62(crc32(text.encode()), CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    digits = []
    for _ in range(characters):
        number, digit = divmod(number, len(DIGITS))
        digits.append(DIGITS[digit])
    return "".join(reversed(digits))
