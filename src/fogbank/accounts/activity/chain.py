"""The chain of acts: each entry's hash covers what it says and the hash before it, as the ledger's batches do.

An entry is hashed as one line of UTF-8 text, a JSON array without blanks, which needs nothing of ours to be recomputed.
Which one, its `format` says; what was written stays in the format that it was written in.

    1: [number, at, id, actor, action, subject, reason, before, after, previous hash]
    2: ["2", number, at, id, actor, actor kind, action, subject, account, reason, before, after,
        address, agent, credential, request, previous hash]

`at` is in microseconds since 1970 and the hash before in lower-case hex. `before` and `after` are strings: the JSON
texts that PostgreSQL gives for them, or null. The hash is the line's SHA-256; the first entry follows 32 zero bytes.
docs/activity.md says it byte by byte.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from fogbank.accounts.activity.model import Entry
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.kernel.periods import microseconds_of


def _line_1(entry: Entry) -> list[Any]:
    return [
        entry.number,
        microseconds_of(entry.at),
        entry.id,
        entry.actor_id,
        entry.action,
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.previous_hash.hex(),
    ]


def _line_2(entry: Entry) -> list[Any]:
    return [
        "2",
        entry.number,
        microseconds_of(entry.at),
        entry.id,
        entry.actor_id,
        entry.actor_kind,
        entry.action,
        entry.subject,
        entry.account_id,
        entry.reason,
        entry.before,
        entry.after,
        entry.address,
        entry.agent,
        entry.credential_id,
        entry.request_id,
        entry.previous_hash.hex(),
    ]


LINES: Mapping[int, Callable[[Entry], list[Any]]] = {1: _line_1, 2: _line_2}


def entry_hash(entry: Entry) -> bytes:
    """The hash of an entry, from all that it says but its own hash."""
    return sha256(msgspec.json.encode(LINES[entry.format](entry))).digest()


class Walk:
    """Walks the chain from its first entry; `broken` says what is wrong, entry by entry."""

    def __init__(self) -> None:
        self.entries = 0
        self.format = 1
        self.hash = GENESIS
        self.broken: list[str] = []

    def over(self, entries: Iterable[Entry]) -> None:
        """Take the next entries, in order."""
        for entry in entries:
            if entry.number != self.entries + 1:
                self.broken.append(f"entry {entry.number} does not follow entry {self.entries}")
            if entry.previous_hash != self.hash:
                self.broken.append(f"entry {entry.number} does not name the hash of the entry before it")
            if entry.format < self.format or entry.format not in LINES:
                self.broken.append(f"entry {entry.number} is in format {entry.format}, after one in {self.format}")
            elif entry.hash != entry_hash(entry):
                self.broken.append(f"entry {entry.number} is not what was hashed when it was written")
            self.entries, self.format, self.hash = entry.number, max(entry.format, self.format), entry.hash
