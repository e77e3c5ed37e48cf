"""Walks the cgroups of the host for those that are named as containers. What is inside a container is not looked at."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from fogbank.compute.agent.collectors.containers.names import Named, container_named
from fogbank.compute.agent.collectors.members import LINKS_OF_A_LEAF


class Place(NamedTuple):
    """A cgroup by its path from the root, and its inode."""

    path: str
    inode: int


class CgroupTree:
    """One look serves all runtimes of a round: it is taken when `look` is called."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.found: list[tuple[Named, Place]] = []

    def look(self) -> None:
        """Find all containers anew; `OSError` where the root cannot be listed."""
        os.stat(self._root)  # noqa: PTH116 - as everything here
        self.found = list(self._below(""))

    def _below(self, above: str) -> Iterator[tuple[Named, Place]]:
        # A cgroup that is gone by now had nothing below that still runs.
        with suppress(FileNotFoundError):
            if os.stat(self._root + above).st_nlink == LINKS_OF_A_LEAF:  # noqa: PTH116 - on the hot path
                return
            with os.scandir(self._root + above) as entries:
                children = [(entry.name, entry.inode()) for entry in entries if entry.is_dir(follow_symlinks=False)]
            for name, inode in children:
                path = f"{above}/{name}"
                named = container_named(name)
                if named is None:
                    yield from self._below(path)
                else:
                    yield named, Place(path, inode)
