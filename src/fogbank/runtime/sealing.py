"""Secrets at rest that we must be able to read again: encrypted by a key of the installation, each bound to its owner.

Whoever reads the database without the directory of secrets cannot read them. The file `sealing-keys.json` holds all
keys; the first one seals, the others open what they sealed before.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fogbank.runtime.entropy import Entropy
from fogbank.runtime.secret_files import secret_once

FILE_NAME = "sealing-keys.json"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4


class KeyUnknown(Exception):
    """A secret was sealed by a key that the file does not hold any more."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"{FILE_NAME} has no key '{key_id}', which a secret was sealed with")
        self.key_id = key_id


class SealingKey(msgspec.Struct, frozen=True):
    """A key of AES-256-GCM: `key` in base64."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class SealingKeys:
    """Seals and opens. Reads no files after it was made."""

    keys: dict[str, AESGCM] = field(repr=False)
    present_id: str
    entropy: Entropy = field(repr=False)

    @classmethod
    def of(cls, secrets: Path, entropy: Entropy) -> "SealingKeys":
        """The keys of this installation, made on first demand."""
        text = secret_once(secrets / FILE_NAME, lambda: new_keys(entropy))
        keys = msgspec.json.decode(text, type=list[SealingKey])
        return cls({key.id: AESGCM(b64decode(key.key)) for key in keys}, keys[0].id, entropy)

    def seal(self, owner: str, secret: str) -> tuple[str, bytes]:
        """The id of the key, and `secret` encrypted so that it opens for this owner (any text that names it) only."""
        nonce = self.entropy(NONCE_BYTES)
        sealed = self.keys[self.present_id].encrypt(nonce, secret.encode(), owner.encode())
        return self.present_id, nonce + sealed

    def open(self, owner: str, key_id: str, sealed: bytes) -> str:
        """The secret; `KeyUnknown` where its key is gone, `InvalidTag` where it is not this owner's."""
        if key_id not in self.keys:
            raise KeyUnknown(key_id)
        nonce, encrypted = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self.keys[key_id].decrypt(nonce, encrypted, owner.encode()).decode()


def new_keys(entropy: Entropy) -> str:
    """A file with one key, as text."""
    key = SealingKey(entropy(KEY_ID_BYTES).hex(), b64encode(entropy(KEY_BYTES)).decode())
    return msgspec.json.encode([key]).decode()
