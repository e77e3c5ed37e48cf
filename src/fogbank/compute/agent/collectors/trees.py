"""What the files and directory trees of instances hold, walked bit by bit: a million files must not stop the agent.

At each look a bounded number of files is looked at, instance after instance, and each walk goes on from where the look
before left it. Until a walk is through, what the walk before found holds. Trees that were never walked through have no
size: their instance is not read, which is said, and they come first, with a much larger bound.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from fogbank.compute.agent.collectors.allocated import allocated_under

FILES_PER_LOOK = 2_500
"""About 10 ms of CPU. A thousand containers of fifty files each are all walked anew every twenty looks."""
FIRST_FILES_PER_LOOK = 250_000
"""About a second, for what was never walked through."""


class NotWalkedYet(OSError):
    """Some trees have no size yet."""


@dataclass(slots=True)
class _Walk:
    """All trees of one instance. `size_bytes` is of the last walk that went through, `walked_bytes` of the one now."""

    paths: tuple[str, ...]
    size_bytes: int | None = None
    error: OSError | None = None
    files: Iterator[int] | None = None
    walked_bytes: int = 0

    def walk_on(self, at_most: int) -> int:
        """Look at up to `at_most` files more; how many it was. After the last one they have their size."""
        if self.files is None:
            self.files, self.walked_bytes = allocated_under(self.paths), 0
        looked_at = 0
        try:
            for each in islice(self.files, at_most):
                looked_at += 1
                self.walked_bytes += each
        except OSError as error:
            self.files, self.size_bytes, self.error = None, None, error
            return looked_at + 1
        if looked_at < at_most:
            self.files, self.size_bytes, self.error = None, self.walked_bytes, None
        return looked_at


class Trees:
    """The sizes of trees, by all paths of an instance together. What is given bounds the work of one look."""

    def __init__(self, files_per_look: int = FILES_PER_LOOK, first_files_per_look: int = FIRST_FILES_PER_LOOK) -> None:
        self._files_per_look = files_per_look
        self._first_files_per_look = first_files_per_look
        self._turns: dict[tuple[str, ...], _Walk] = {}
        """The one whose turn is next first."""

    def look(self, instances: Iterable[tuple[str, ...]]) -> None:
        """Walk on through the paths of these instances, and forget all others."""
        wanted = dict.fromkeys(instances)
        for gone in self._turns.keys() - wanted.keys():
            del self._turns[gone]
        for paths in wanted:
            self._turns.setdefault(paths, _Walk(paths))
        unknown = [walk for walk in self._turns.values() if walk.size_bytes is None]
        known = [walk for walk in self._turns.values() if walk.size_bytes is not None]
        self._walk(unknown, self._first_files_per_look)
        self._walk(known, self._files_per_look)

    def allocated_bytes(self, paths: tuple[str, ...]) -> int:
        """What they occupy; `OSError` where one is not there, `NotWalkedYet` where they have no size yet."""
        walk = self._turns[paths]
        if walk.error is not None:
            raise walk.error
        if walk.size_bytes is None:
            raise NotWalkedYet(f"the files in {' and '.join(paths)} are still being counted for the first time")
        return walk.size_bytes

    def _walk(self, walks: Collection[_Walk], files: int) -> None:
        """Each in turn, until so many files were looked at. Whose walk is through waits behind all others."""
        for walk in walks:
            if files <= 0:
                return
            files -= walk.walk_on(files)
            if walk.files is None:
                self._turns[walk.paths] = self._turns.pop(walk.paths)
