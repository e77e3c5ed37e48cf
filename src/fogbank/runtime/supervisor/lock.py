"""One `up` per data directory: a lock that the kernel lets go of when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fogbank.runtime.embedded.files import passable_directory


class AlreadyRunning(RuntimeError):
    """Another process holds the data directory."""

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        by = f" by process {pid}" if pid else ""
        super().__init__(f"Fogbank is already running in {data_dir}{by}; stop it first, or set FOGBANK_DATA.")
        self.pid = pid


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold `data_dir` while in this block; `AlreadyRunning` names who does otherwise."""
    path = lock_path(data_dir)
    passable_directory(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try_lock(descriptor):
            raise AlreadyRunning(data_dir, _holder(descriptor))
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def is_held(data_dir: Path) -> bool:
    """Whether some process holds `data_dir` at this moment."""
    try:
        descriptor = os.open(lock_path(data_dir), os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def lock_path(data_dir: Path) -> Path:
    return data_dir / "run" / "up.lock"


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0)
    return int(text) if text.isdigit() else None
