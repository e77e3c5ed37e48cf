"""What directory trees hold, walked bit by bit: a million files must not stop the agent at a tick.

At each look a bounded number of files is looked at, tree after tree, and each tree goes on from where the look before
left it. Until a walk is through, what the walk before found holds. A tree that was never walked through has no size:
it is not read, which is said, and it comes first, with a much larger bound.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from fogbank.compute.agent.collectors.disks import allocated_under

FILES_PER_LOOK = 5_000
"""About 20 ms of CPU. A thousand containers of fifty files each are all walked anew every ten looks."""
FIRST_FILES_PER_LOOK = 250_000
"""About a second, for trees that were never walked through."""


class NotWalkedYet(OSError):
    """A tree has no size yet."""


@dataclass(slots=True)
class _Tree:
    """`size_bytes` is of the last walk that went through; `walked_bytes` is of the one under way."""

    path: str
    size_bytes: int | None = None
    error: OSError | None = None
    walk: Iterator[int] | None = None
    walked_bytes: int = 0

    def walk_on(self, files: int) -> int:
        """Look at up to `files` more; how many it was. After the last one the tree has its size."""
        if self.walk is None:
            self.walk, self.walked_bytes = allocated_under(self.path, set()), 0
        looked_at = 0
        try:
            for each in islice(self.walk, files):
                looked_at += 1
                self.walked_bytes += each
        except OSError as error:
            self.walk, self.size_bytes, self.error = None, None, error
            return looked_at + 1
        if looked_at < files:
            self.walk, self.size_bytes, self.error = None, self.walked_bytes, None
        return looked_at


class Trees:
    """The sizes of some trees. `files_per_look` and `first_files_per_look` bound the work of one look."""

    def __init__(self, files_per_look: int = FILES_PER_LOOK, first_files_per_look: int = FIRST_FILES_PER_LOOK) -> None:
        self._files_per_look = files_per_look
        self._first_files_per_look = first_files_per_look
        self._turns: dict[str, _Tree] = {}
        """By path, the one whose turn is next first."""

    def look(self, paths: Collection[str]) -> None:
        """Walk on through these trees, and forget all others."""
        for gone in self._turns.keys() - paths:
            del self._turns[gone]
        for path in paths:
            self._turns.setdefault(path, _Tree(path))
        unknown = [tree for tree in self._turns.values() if tree.size_bytes is None]
        known = [tree for tree in self._turns.values() if tree.size_bytes is not None]
        self._walk(unknown, self._first_files_per_look)
        self._walk(known, self._files_per_look)

    def allocated_bytes(self, path: str) -> int:
        """What one of them occupies; `OSError` where it is not there, `NotWalkedYet` where it has no size yet."""
        tree = self._turns[path]
        if tree.error is not None:
            raise tree.error
        if tree.size_bytes is None:
            raise NotWalkedYet(f"the files in {path} are still being counted for the first time")
        return tree.size_bytes

    def _walk(self, trees: Collection[_Tree], files: int) -> None:
        """Each in turn, until so many files were looked at. Whose walk is through waits behind all others."""
        for tree in trees:
            if files <= 0:
                return
            files -= tree.walk_on(files)
            if tree.walk is None:
                self._turns[tree.path] = self._turns.pop(tree.path)
