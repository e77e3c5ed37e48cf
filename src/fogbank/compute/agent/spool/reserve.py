"""A file that holds some of the disk, to be given back when there is no more: SQLite needs room even to delete."""

from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 4 * 1024 * 1024
"""More than the write-ahead log and what of it is not in the database yet, so that a full disk never holds them up."""
PIECE_BYTES = 64 * 1024


class Reserve:
    """The reserve beside a spool."""

    def __init__(self, spool: Path) -> None:
        self._path = spool.with_name(spool.name + "-reserve")

    def is_whole_again(self) -> bool:
        """Take what is missing of it, as far as the disk has room; whether all of it is there now."""
        with suppress(OSError):
            missing = RESERVE_BYTES - (self._path.stat().st_size if self._path.exists() else 0)
            with self._path.open("ab", buffering=0) as file:
                while missing > 0:
                    missing -= file.write(bytes(min(missing, PIECE_BYTES)))
            return True
        return False

    def give_back(self) -> None:
        """Let the disk have it."""
        self._path.unlink(missing_ok=True)
