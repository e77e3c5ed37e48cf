"""Directories and files of embedded servers: who may enter them, where a socket fits, how secrets are written."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fogbank.runtime.failures import ServerFailed

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 100
"""The kernel's limit is 108 bytes on Linux, 104 on macOS, with the closing zero."""


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A fresh data directory that an unprivileged database may enter, removed with all it holds at the end."""
    path = Path(tempfile.mkdtemp(prefix="fogbank-")).resolve()
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def closed_to(path: Path, uid: int, gid: int) -> Path | None:
    """The outermost of `path` and its parents that the user cannot enter, or None when the way is open."""
    for directory in [*reversed(path.parents), path]:
        status = directory.stat()
        is_owner, is_group = uid == status.st_uid, gid == status.st_gid
        bit = stat.S_IXUSR if is_owner else stat.S_IXGRP if is_group else stat.S_IXOTH
        if not status.st_mode & bit:
            return directory
    return None


def passable_directory(path: Path) -> Path:
    """Make `path` one that others may pass through but not look into, whatever the umask; leave an existing one."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(0o711)
    return path


def private_directory(path: Path, uid: int | None = None, gid: int | None = None) -> Path:
    """Make `path`, for its owner only; refuse one that exists but is somebody else's or a link."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.lstat()
    expected = os.geteuid() if uid is None else uid
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (expected, os.geteuid()):
        raise ServerFailed(f"The directory {path} belongs to another user; remove it, or set FOGBANK_DATA.")
    path.chmod(0o700)
    if uid is not None and gid is not None and status.st_uid != uid:
        os.chown(path, uid, gid)
    return path


def socket_directory(data_dir: Path) -> Path:
    """Where the socket goes: in the data directory, or where that path is too long, in a short one named after it."""
    inside = data_dir / "run" / "postgres"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        return inside
    name = "fogbank-" + hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / name
    return short if len(os.fsencode(short / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX else Path("/tmp") / name  # noqa: S108


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads, at once or not at all, and on disk when this returns."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
