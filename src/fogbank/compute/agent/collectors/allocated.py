"""What is stored under the storage paths of an instance."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

ST_BLOCK_BYTES = 512
"""The unit of `st_blocks`, whatever the filesystem's own block size."""


def allocated_under(paths: Iterable[str]) -> Iterator[int]:
    """What files and directory trees occupy, one after the other, in bytes by `st_blocks`.

    Holes in sparse images are free, and what has several names counts once. A path that is not there raises `OSError`;
    what vanishes while a tree is walked does not.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        root = os.stat(path)  # noqa: PTH116 - one stat a tick and path: the path object would cost more than the call
        yield _new_bytes(root, seen)
        if stat.S_ISDIR(root.st_mode):
            for each in _everything_under(path):
                yield _new_bytes(each, seen)


def _everything_under(directory: str) -> Iterator[os.stat_result]:
    pending = [directory]
    while pending:
        with suppress(FileNotFoundError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(found.st_mode):
                        pending.append(entry.path)
                    yield found


def _new_bytes(found: os.stat_result, seen: set[tuple[int, int]]) -> int:
    identity = (found.st_dev, found.st_ino)
    if identity in seen:
        return 0
    seen.add(identity)
    return found.st_blocks * ST_BLOCK_BYTES
