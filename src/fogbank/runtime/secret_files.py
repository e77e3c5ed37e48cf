"""Secrets in files: made once, read by their owner only, the same for every process that asks."""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe

SERVICE_PREFIX = "service-"
BATCH_SIGNING_KEY = "batch-signing-key"
SEED_BYTES = 32


def new_secret() -> str:
    """32 random bytes, as text."""
    return token_urlsafe(32)


def service_secret(secrets: Path, service_id: str) -> str:
    """What a service shows to accounts for its tokens: `service-<id>` in the directory of secrets."""
    return secret_once(secrets / f"{SERVICE_PREFIX}{service_id}")


def batch_signing_seed(secrets: Path) -> bytes:
    """The installation's own private key (Ed25519, 32 bytes): what administrators send again is signed with it."""
    return b64decode(secret_once(secrets / BATCH_SIGNING_KEY, _new_seed))


def _new_seed() -> str:
    return b64encode(token_bytes(SEED_BYTES)).decode()


def secret_once(path: Path, make: Callable[[], str] = new_secret) -> str:
    """The secret in `path`, made by the first who asks; on disk, whole and private (0600), before anybody sees it."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _written(path, make())
    try:
        with suppress(FileExistsError):  # another process was first, and its secret holds
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    return path.read_text().strip()


def change_secret(path: Path, change: Callable[[str], str]) -> None:
    """Replace what is in `path` by what `change` makes of it, whole and at once; one process after the other."""
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text().strip()
        after = change(before)
        if after != before:
            _written(path, after).replace(path)
            _sync_directory(path.parent)


def _written(path: Path, text: str) -> Path:
    """A private file beside `path` with `text`, on disk."""
    fresh = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
