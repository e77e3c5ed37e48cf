"""Checking an exported file: every entry hashed anew, and the chain followed as far as the file has it. Pure."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fogbank.accounts.activity.chain import LINES, entry_hash
from fogbank.accounts.activity.exporting import COLUMNS, HEAD, Head, entry_of
from fogbank.accounts.activity.model import Entry
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.runtime.csv_text import cell_text

NUMBERS = ("number", "format")
NULLABLE = ("before", "after")


class NotAnExport(ValueError):
    """A file, or a line of it, that is none of ours."""


@dataclass(slots=True)
class Verified:
    """What a file is: `broken` says what is wrong. `is_whole` when no entry is left out from the first to the head."""

    entries: int = 0
    number: int = 0
    hash: bytes = GENESIS
    is_whole: bool = True
    is_complete: bool = False
    broken: list[str] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Check the next entry."""
        if entry.number <= self.number:
            self.broken.append(f"entry {entry.number} does not come after entry {self.number}")
        elif entry.number > self.number + 1:
            self.is_whole = False
        elif entry.previous_hash != self.hash:
            self.broken.append(f"entry {entry.number} does not name the hash of the entry before it")
        if entry.format not in LINES or entry.hash != entry_hash(entry):
            self.broken.append(f"entry {entry.number} is not what was hashed when it was written")
        self.entries, self.number, self.hash = self.entries + 1, entry.number, entry.hash

    def end(self, head: Head) -> None:
        """Compare with the last line."""
        self.is_complete = True
        if (head.entries, head.number, head.hash) != (self.entries, self.number, self.hash.hex()):
            self.broken.append(f"the file says that it ends with entry {head.number}, and it does not")


def verified(lines: Iterable[str]) -> Verified:
    """The lines of an export, checked; `NotAnExport` where they are something else. Reads one line after the other."""
    result = Verified()
    for read in _records(iter(lines)):
        if result.is_complete:
            raise NotAnExport("there is something behind the last line")
        if isinstance(read, Head):
            result.end(read)
        else:
            result.take(read)
    if not result.is_complete:
        result.broken.append("the file ends before its last line: it was cut")
    return result


def _records(lines: Iterator[str]) -> Iterator[Entry | Head]:
    first = next(lines, "")
    try:
        if first.startswith("{"):
            yield _of_json(first)
            yield from (_of_json(line) for line in lines)
        elif first.strip() == ",".join(COLUMNS):
            yield from (_of_cells(cells) for cells in csv.reader(lines))
        else:
            raise NotAnExport("this is no export of the activity log")
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise NotAnExport(f"there is a line that cannot be read: {error}") from error


def _of_json(line: str) -> Entry | Head:
    read = msgspec.json.decode(line, type=dict[str, Any])
    return msgspec.convert(read[HEAD], Head) if HEAD in read else entry_of(read)


def _of_cells(cells: list[str]) -> Entry | Head:
    if cells[0] == HEAD:
        return Head(int(cells[1]), int(cells[2]), cells[3])
    read: dict[str, Any] = dict(zip(COLUMNS, map(cell_text, cells), strict=True))
    read |= {name: int(read[name]) for name in NUMBERS} | {name: read[name] or None for name in NULLABLE}
    return entry_of(read)
