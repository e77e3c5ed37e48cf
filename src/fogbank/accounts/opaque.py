"""Opaque secrets: 32 random bytes as text, of which we store only the SHA-256.

A plain hash is enough: nobody guesses 256 random bits, so there is nothing for a slow hash to slow down.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

from fogbank.runtime.entropy import Entropy

SECRET_BYTES = 32
ID_BYTES = 12


def new_secret(entropy: Entropy, prefix: str = "") -> str:
    """`prefix` and 43 characters that are safe in URLs and headers."""
    return prefix + urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    """What is stored of it, and what it is found by."""
    return sha256(secret.encode()).digest()
