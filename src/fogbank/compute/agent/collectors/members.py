"""Who lives in a cgroup: the processes in it, or where it only holds other cgroups, those in them."""

import os
from collections.abc import Iterator

from fogbank.compute.agent.collectors.kernel_files import KernelFiles

PROCESSES = "cgroup.procs"
LINKS_OF_A_LEAF = 2
"""A directory without directories in it is linked from above and from itself."""


class Members:
    """The processes of one cgroup."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._files = KernelFiles(directory, [PROCESSES])

    def read(self, links: int) -> Iterator[str]:
        """Their ids now. `links` is the directory's link count, which spares a leaf the search for cgroups below."""
        yield from self._files.read(PROCESSES).decode().split()
        if links != LINKS_OF_A_LEAF:
            yield from _below(self._directory)

    def close(self) -> None:
        self._files.close()


def _below(directory: str) -> Iterator[str]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                with open(f"{entry.path}/{PROCESSES}", encoding="ascii") as listed:  # noqa: PTH123 - as the scan gives it
                    yield from listed.read().split()
                yield from _below(entry.path)
