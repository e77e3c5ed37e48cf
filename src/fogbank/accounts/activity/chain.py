"""The chain of acts: each entry's hash covers what it says and the hash before it, as the ledger's batches do.

An entry is hashed as one line of UTF-8 text, a JSON array without blanks, which needs nothing of ours to be recomputed:

    [number, at (microseconds since 1970), id, actor, action, subject, reason, before, after, previous hash (hex)]

`before` and `after` are strings: the JSON texts that PostgreSQL gives for them, or null. The hash is the line's
SHA-256; the first entry follows 32 zero bytes.
"""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from fogbank.accounts.activity.model import Entry
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.kernel.periods import microseconds_of


def entry_hash(entry: Entry) -> bytes:
    """The hash of an entry, from all that it says but its own hash."""
    line = [
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
    return sha256(msgspec.json.encode(line)).digest()


class Walk:
    """Walks the chain from its first entry; `broken` says what is wrong, entry by entry."""

    def __init__(self) -> None:
        self.entries = 0
        self.hash = GENESIS
        self.broken: list[str] = []

    def over(self, entries: Iterable[Entry]) -> None:
        """Take the next entries, in order."""
        for entry in entries:
            if entry.number != self.entries + 1:
                self.broken.append(f"entry {entry.number} does not follow entry {self.entries}")
            if entry.previous_hash != self.hash:
                self.broken.append(f"entry {entry.number} does not name the hash of the entry before it")
            if entry.hash != entry_hash(entry):
                self.broken.append(f"entry {entry.number} is not what was hashed when it was written")
            self.entries, self.hash = entry.number, entry.hash
