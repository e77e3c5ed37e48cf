"""Secrets at rest that we must be able to read again: encrypted by a key of the installation, each bound to its owner.

Whoever reads the database without the directory of secrets cannot read them. The file `sealing-keys.json` holds all
keys; the first one seals, the others open what they sealed before. `fogbank secrets rotate` puts a new one in front:
processes that run notice it, `runtime.resealing` seals everything anew, and drops what nothing needs any more.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fogbank.runtime.entropy import Entropy
from fogbank.runtime.secret_files import change_secret, secret_once

FILE_NAME = "sealing-keys.json"
OLDER_FILE_NAME = "webhook-keys.json"
"""Where the keys were when only webhooks had secrets."""

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4
STILL_SEALING = timedelta(hours=1)
"""For so long after a key was retired, a transaction that began before may still bring in what it sealed."""


class KeyUnknown(Exception):
    """A secret was sealed by a key that the file does not hold any more."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"{FILE_NAME} has no key '{key_id}', which a secret was sealed with")
        self.key_id = key_id


class SealingKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key of AES-256-GCM: `key` in base64, and since when another one seals instead."""

    id: str
    key: str
    retired_at: datetime | None = None


@dataclass(slots=True)
class SealingKeys:
    """Seals and opens, by the keys that the file holds now."""

    path: Path
    entropy: Entropy = field(repr=False)
    keys: dict[str, AESGCM] = field(default_factory=dict, repr=False)
    present_id: str = ""
    _read_at: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, secrets: Path, entropy: Entropy) -> "SealingKeys":
        """The keys of this installation, made on first demand."""
        path = secrets / FILE_NAME
        older = secrets / OLDER_FILE_NAME
        secret_once(path, lambda: older.read_text() if older.exists() else new_keys(entropy))
        if older.exists():
            change_secret(path, lambda text: _with(text, older.read_text()))
            older.unlink(missing_ok=True)
        opened = cls(path, entropy)
        opened._read_if_changed()
        return opened

    def seal(self, owner: str, secret: str) -> tuple[str, bytes]:
        """The id of the key, and `secret` encrypted so that it opens for this owner (any text that names it) only."""
        self._read_if_changed()
        nonce = self.entropy(NONCE_BYTES)
        sealed = self.keys[self.present_id].encrypt(nonce, secret.encode(), owner.encode())
        return self.present_id, nonce + sealed

    def open(self, owner: str, key_id: str, sealed: bytes) -> str:
        """The secret; `KeyUnknown` where its key is gone, `InvalidTag` where it is not this owner's."""
        if key_id not in self.keys:
            self._read_if_changed()
        if key_id not in self.keys:
            raise KeyUnknown(key_id)
        nonce, encrypted = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self.keys[key_id].decrypt(nonce, encrypted, owner.encode()).decode()

    def _read_if_changed(self) -> None:
        """Another process may have rotated the keys: the file is replaced then, never changed in place."""
        state = self.path.stat()
        stamp = (state.st_mtime_ns, state.st_ino)
        if stamp != self._read_at:
            read = _decoded(self.path.read_text())
            self.keys = {key.id: AESGCM(b64decode(key.key)) for key in read}
            self.present_id, self._read_at = read[0].id, stamp


def new_keys(entropy: Entropy) -> str:
    """A file with one key, as text."""
    return _encoded([_new_key(entropy)])


def rotate(secrets: Path, entropy: Entropy, now: datetime) -> str:
    """Put a new key in front, so that it seals from now on; its id."""
    fresh = _new_key(entropy)

    def rotated(text: str) -> str:
        first, *others = _decoded(text)
        return _encoded([fresh, SealingKey(first.id, first.key, first.retired_at or now), *others])

    SealingKeys.of(secrets, entropy)
    change_secret(secrets / FILE_NAME, rotated)
    return fresh.id


def drop_unused(secrets: Path, used_ids: Collection[str], now: datetime) -> list[str]:
    """Take the keys from the file that sealed nothing there is any more, and will not; their ids."""
    dropped: list[str] = []

    def without(text: str) -> str:
        first, *others = _decoded(text)
        kept = [key for key in others if key.id in used_ids or not _is_over(key, now)]
        dropped.extend(key.id for key in others if key not in kept)
        return _encoded([first, *kept])

    change_secret(secrets / FILE_NAME, without)
    return dropped


def _is_over(key: SealingKey, now: datetime) -> bool:
    """Keys that were retired by hand say no time, and are over."""
    return key.retired_at is None or now - key.retired_at >= STILL_SEALING


def _with(text: str, older: str) -> str:
    keys = _decoded(text)
    known = {key.id for key in keys}
    return _encoded([*keys, *(key for key in _decoded(older) if key.id not in known)])


def _new_key(entropy: Entropy) -> SealingKey:
    return SealingKey(entropy(KEY_ID_BYTES).hex(), b64encode(entropy(KEY_BYTES)).decode())


def _decoded(text: str) -> list[SealingKey]:
    return msgspec.json.decode(text, type=list[SealingKey])


def _encoded(keys: list[SealingKey]) -> str:
    return msgspec.json.encode(keys).decode()
