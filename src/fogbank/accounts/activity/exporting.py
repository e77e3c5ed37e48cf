"""The log as a file: JSON Lines or CSV, one entry a line, and a last line that says where the chain ends. Pure.

Every entry is there with all that its hash covers, so a file is checked without us (`verifying.py`).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from fogbank.accounts.activity.model import Entry
from fogbank.runtime.csv_text import csv_text, safe_cell

HEAD = "head"
"""The first member, or field, of the last line."""

COLUMNS = tuple(field.name for field in fields(Entry))


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
    return csv_text([COLUMNS]).encode()


def csv_lines(entries: Iterable[Entry]) -> bytes:
    return csv_text([[_cell(plain(entry)[name]) for name in COLUMNS] for entry in entries]).encode()


def csv_head(head: Head) -> bytes:
    return csv_text([[HEAD, head.entries, head.number, head.hash]]).encode()


def _cell(value: object) -> str:
    return "" if value is None else safe_cell(str(value))
