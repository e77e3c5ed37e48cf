"""The journal of a backfill: which chunks of which file the queue has confirmed.

One number a line, written after the queue's word. A line that a kill cut short is ignored: its chunk is sent again
under the same name, and is stored once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self


class Journal:
    """An open journal. `confirmed` are the chunks that need not be sent."""

    def __init__(self, confirmed: set[int], file: IO[str]) -> None:
        self.confirmed = confirmed
        self._file = file

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The journal at `path`, made if it is not there."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = path.read_text() if path.exists() else ""
        whole = written[: written.rfind("\n") + 1]
        with path.open("a") as file:
            file.truncate(len(whole))
            yield cls({int(line) for line in whole.split()}, file)

    def confirm(self, chunk: int) -> None:
        """Remember that the queue has this chunk on disk."""
        self.confirmed.add(chunk)
        self._file.write(f"{chunk}\n")
        self._file.flush()
