"""The node's private key on its own disk: made once, readable by its owner only, never sent anywhere."""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from fogbank.events.signing import SEED_BYTES
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.secret_files import secret_once


def key_path(data: Path) -> Path:
    """Where the key is."""
    return data / "agent" / "node.key"


def key_once(data: Path) -> bytes:
    """The node's private key, 32 bytes, made where there is none yet."""
    return _seed_in(key_path(data))


def known_key(data: Path) -> bytes | None:
    """The node's private key, where it has one."""
    return key_once(data) if key_path(data).exists() else None


def next_key_once(data: Path) -> bytes:
    """The key that is to follow, the same until `take_next_key`: a rotation that broke off goes on with it."""
    return _seed_in(_next_path(data))


def take_next_key(data: Path) -> None:
    """From now on the next key is the node's. On disk when this returns."""
    _next_path(data).replace(key_path(data))
    directory = os.open(key_path(data).parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _next_path(data: Path) -> Path:
    return key_path(data).with_suffix(".next")


def _seed_in(path: Path) -> bytes:
    return b64decode(secret_once(path, lambda: b64encode(system_entropy(SEED_BYTES)).decode()))
