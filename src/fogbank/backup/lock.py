"""One backup of a directory at a time, by a lock that the kernel lets go of when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fogbank.backup.errors import BackupFailed


@contextmanager
def only_backup(data: Path) -> Iterator[None]:
    """Hold the directory for a backup; `BackupFailed` where another one is under way."""
    path = data / "run" / "backup.lock"
    path.parent.mkdir(mode=0o711, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"Another backup of {data} is under way; wait for it.") from None
        yield
