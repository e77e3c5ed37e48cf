"""Files that the kernel makes up at each read: opened once, read from the start each time."""

import os
import resource
from collections.abc import Sequence

READ_BYTES_MAX = 16_384
"""More than any of these files has: the longest, a v1 memory.stat, is about 1,500 bytes."""


class KernelFiles:
    """A few files of one directory, open. To keep them costs half of what opening them at every look does."""

    __slots__ = ("_descriptors", "inode")

    def __init__(self, directory: str, names: Sequence[str]) -> None:
        """`OSError` where a file is not there.

        `inode` is the directory's: all files are of that one life of it, whatever else its path leads to by now.
        """
        self._descriptors: tuple[int, ...] = ()
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.inode = os.fstat(opened).st_ino
            for name in names:
                self._descriptors += (os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=opened),)
        except OSError:
            self.close()
            raise
        finally:
            os.close(opened)

    def read(self, which: int) -> bytes:
        """What one of the files says now, by its place among the names; `OSError` where its directory is gone."""
        return os.pread(self._descriptors[which], READ_BYTES_MAX, 0)

    def close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = ()


def text_of(path: str) -> bytes:
    """What a file says that is read too seldom to be held open."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, READ_BYTES_MAX, 0)
    finally:
        os.close(descriptor)


def allow_many_files() -> int:
    """Raise this process's limit of open files to what it may have, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        # So says macOS, and refuses it.
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
