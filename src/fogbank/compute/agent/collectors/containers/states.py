"""Containers that no cgroup's name tells: found by the directory that their runtime keeps while they exist."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from fogbank.compute.agent.collectors.containers.model import UNREADABLE, Seen
from fogbank.compute.agent.collectors.members import is_inhabited


class StateDirectories:
    """The directories below some others, one per container, and the cgroup of each, as `path_of` finds it.

    It is looked up once in the life of such a directory: processes come and go, the container's cgroup stays.
    """

    def __init__(self, cgroup_root: str, path_of: Callable[[Path], str]) -> None:
        """`path_of` raises `FileNotFoundError` or `ProcessLookupError` where there is none yet, or no more."""
        self._cgroup_root = cgroup_root
        self._path_of = path_of
        self._paths: dict[str, dict[str, tuple[int, str]]] = {}

    def running(self, above: str) -> Iterator[Seen]:
        """Those directly below `above` that run. Where there is no `above`, nothing was ever started.

        What has ended may keep its cgroup until somebody deletes it: where no process lives, nothing runs.
        """
        before = self._paths.get(above, {})
        paths = self._paths[above] = {}
        with suppress(FileNotFoundError), os.scandir(above) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    continue
                inode, path = before.get(entry.name, (0, ""))
                try:
                    if inode != entry.inode():
                        path = self._path_of(Path(entry.path))
                    paths[entry.name] = (entry.inode(), path)
                    found = os.stat(self._cgroup_root + path)  # noqa: PTH116 - on the hot path
                    if is_inhabited(self._cgroup_root + path):
                        yield Seen(entry.name, path, found.st_ino)
                except (FileNotFoundError, ProcessLookupError):
                    # It is only being made, or it has ended.
                    continue
                except UNREADABLE as error:
                    yield Seen(entry.name, entry.path, 0, f"the state that its runtime keeps of it: {error}")
