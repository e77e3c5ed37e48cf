"""Known devices: what a good sign-in gives a browser, so that nobody who guesses elsewhere can hold it up.

A device token is sealed for the account's address (the device cookies of OWASP, with authenticated encryption instead
of a signature), so nothing is stored of it, and it says nothing to who finds it. It signs nobody in.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag

from fogbank.accounts.opaque import ID_BYTES
from fogbank.runtime.clock import Clock
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.sealing import KeyUnknown, SealingKeys

KNOWN_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Devices:
    """Gives device tokens and knows its own."""

    sealing: SealingKeys
    clock: Clock
    entropy: Entropy

    def new_token(self, email: str) -> str:
        """A token by which a device is known as the account's."""
        issued = int(self.clock().timestamp())
        key_id, sealed = self.sealing.seal(_owner(email), f"{issued}:{self.entropy(ID_BYTES).hex()}")
        return f"{key_id}.{urlsafe_b64encode(sealed).decode()}"

    def known(self, email: str, token: str) -> str:
        """The device's id; empty where the token is none of this account's, or too old."""
        key_id, dot, sealed = token.partition(".")
        if not dot:
            return ""
        try:
            opened = self.sealing.open(_owner(email), key_id, urlsafe_b64decode(sealed))
        except (KeyUnknown, InvalidTag, NotBase64, ValueError):
            return ""
        issued, _, device_id = opened.partition(":")
        age = self.clock() - datetime.fromtimestamp(int(issued), UTC)
        return device_id if age < KNOWN_FOR else ""


def _owner(email: str) -> str:
    return f"device:{email.lower()}"
