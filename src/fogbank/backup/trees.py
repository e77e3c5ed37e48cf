"""Directories as tar streams: files, directories and links that stay inside; owners are left out, modes are kept."""

import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from fogbank.backup.archive import CHUNK_BYTES, Sink
from fogbank.backup.errors import BackupFailed

Entry = tuple[str, Path]
"""The name in the tar, and the file, directory or link it is read from."""
Wanted = Callable[[Path], bool]


def entries_of(directory: Path, wanted: Wanted, prefix: str = "") -> Iterator[Entry]:
    """All that `directory` holds and is wanted, its path below `directory` being asked about; parents come first.

    Sockets, pipes and devices are never wanted. A directory that is not there holds nothing.
    """
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        below = Path(prefix, path.name)
        if not wanted(below):
            continue
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode):
                yield str(below), path
            if stat.S_ISDIR(mode):
                yield from entries_of(path, wanted, str(below))


def write_tree(entries: Iterable[Entry], sink: Sink, *, may_go: bool = False) -> None:
    """Write a tar of the entries. A file that grows meanwhile is taken as long as it was when its turn came.

    One that is gone when its turn comes is an `OSError`, or with `may_go` left out.
    """
    with tarfile.open(
        fileobj=cast("IO[bytes]", sink), mode="w|", bufsize=CHUNK_BYTES, format=tarfile.PAX_FORMAT
    ) as tar:
        for name, path in entries:
            try:
                _add(tar, name, path)
            except FileNotFoundError:
                if not may_go:
                    raise


def extract_tree(source: IO[bytes], directory: Path, owner: tuple[int, int] | None = None) -> None:
    """Unpack a tar below `directory`, given to `owner` where one is named; on disk when the caller syncs it.

    `BackupFailed` where an entry or the target of a link would lie outside.
    """
    with tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK_BYTES) as tar:
        # Every entry is looked at here, and its owner and mode are meant. Not as an argument, which 3.11.2 lacks.
        tar.extraction_filter = _as_it_is
        for entry in tar:
            _require_inside(entry)
            entry.uid, entry.gid = owner or (os.geteuid(), os.getegid())
            tar.extract(entry, directory, numeric_owner=True)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    status = path.lstat()
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = stat.S_IMODE(status.st_mode), int(status.st_mtime)
    if stat.S_ISDIR(status.st_mode):
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    elif stat.S_ISLNK(status.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
        tar.addfile(info)
    else:
        with path.open("rb") as file:
            info.size = os.fstat(file.fileno()).st_size
            tar.addfile(info, file)


def _require_inside(entry: tarfile.TarInfo) -> None:
    target = os.path.normpath(os.path.join(os.path.dirname(entry.name), entry.linkname))  # noqa: PTH118, PTH120
    is_link = entry.issym() or entry.islnk()
    paths = [os.path.normpath(entry.name), *([target] if is_link else [])]
    if any(path.startswith(("/", "..")) for path in paths) or not (entry.isreg() or entry.isdir() or is_link):
        raise BackupFailed(
            f"The backup holds '{entry.name}', which does not stay in its directory; it is not restored."
        )


def _as_it_is(entry: tarfile.TarInfo, _path: str) -> tarfile.TarInfo:
    return entry
