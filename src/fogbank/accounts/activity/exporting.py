"""The log as a file: JSON Lines or CSV, one entry a line, and a last line that says where the chain ends. Pure.

Every entry is there with all that its hash covers, so a file is checked without us (`verifying.py`). In CSV, what a
spreadsheet could take for a formula has an apostrophe in front, and so has what begins with an apostrophe itself: who
reads it takes one away.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from fogbank.accounts.activity.model import Entry

HEAD = "head"
"""The first member, or field, of the last line."""

COLUMNS = tuple(field.name for field in fields(Entry))
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


class ExportFormat(StrEnum):
    """What an export is written in."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Head:
    """Where an export ends: how many entries it has, and the number and hash of the last."""

    entries: int
    number: int
    hash: str


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as an export has it: `before` and `after` as the texts that are hashed, hashes in hex."""
    at, hashes = entry.at.isoformat(), {"previous_hash": entry.previous_hash.hex(), "hash": entry.hash.hex()}
    return {**asdict(entry), "at": at, **hashes}


def entry_of(read: dict[str, Any]) -> Entry:
    """What `plain` made, as an entry again."""
    facts = {**read, "at": datetime.fromisoformat(read["at"])}
    facts |= {name: bytes.fromhex(read[name]) for name in ("previous_hash", "hash")}
    return msgspec.convert(facts, Entry)


def json_lines(entries: Iterable[Entry]) -> bytes:
    return b"".join(msgspec.json.encode(plain(entry)) + b"\n" for entry in entries)


def json_head(head: Head) -> bytes:
    return msgspec.json.encode({HEAD: asdict(head)}) + b"\n"


def csv_columns() -> bytes:
    return _csv([COLUMNS])


def csv_lines(entries: Iterable[Entry]) -> bytes:
    return _csv([[safe_cell(plain(entry)[name]) for name in COLUMNS] for entry in entries])


def csv_head(head: Head) -> bytes:
    return _csv([[HEAD, head.entries, head.number, head.hash]])


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text


def cell_text(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell.removeprefix("'")


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
