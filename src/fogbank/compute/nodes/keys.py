"""Public keys as nodes show them, checked and written in one way."""

import base64
from dataclasses import dataclass

from fogbank.compute.nodes.errors import KeyNotGood
from fogbank.events.signing import NotAKey, key_id


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: its short name, its one base64 text, its 32 bytes."""

    id: str
    text: str
    raw: bytes

    @classmethod
    def read(cls, text: str) -> "PublicKey":
        """The key that the text is; `KeyNotGood` where it is none."""
        try:
            short = key_id(text)
        except NotAKey:
            raise KeyNotGood from None
        raw = base64.b64decode(text)
        # Base64 has spare bits, so one key has several texts; the queue finds a key by this one.
        return cls(short, base64.b64encode(raw).decode(), raw)
