"""Secrets of webhooks, as Standard Webhooks writes them. At rest they are sealed, since we sign with them."""

from base64 import b64encode

from fogbank.runtime.entropy import Entropy

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105


def new_webhook_secret(entropy: Entropy) -> str:
    """32 random bytes, prefixed."""
    return SECRET_PREFIX + b64encode(entropy(SECRET_BYTES)).decode()
