"""A sheet: one batch as it is written. Its lines are what PostgreSQL copies in, and what the chain hashes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fogbank.accounts.ledger.books import Books
from fogbank.accounts.ledger.chain import batch_hash, header_line, transfer_line
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.model import Posting, Transfer
from fogbank.accounts.ledger.operations import AnyOperation
from fogbank.accounts.ledger.rules import decide


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the last batch's number, its last sequence, when it was posted, and its hash."""

    batch: int
    sequence: int
    posted_at: datetime
    hash: bytes


Outcome = Transfer | Refused
"""What an operation's caller gets."""


@dataclass(slots=True)
class Sheet:
    """What a batch writes, line by line, and what it answers.

    `numbers` gives each ledger account's number in the database. `entry_lines` are for the table, which refers to
    accounts by number; `leg_lines` say the same by name, for the chain.
    """

    head: Head
    now: datetime
    numbers: dict[str, int]
    outcomes: list[Outcome] = field(default_factory=list)
    transfer_lines: list[str] = field(default_factory=list)
    entry_lines: list[str] = field(default_factory=list)
    leg_lines: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.transfer_lines

    def fill(self, operations: Iterable[AnyOperation], books: Books) -> None:
        """Decide `operations` in order; each sees what those before it did. A refused one touches nothing."""
        for operation in operations:
            try:
                posting = decide(operation, books)
            except Refused as refused:
                self.outcomes.append(refused)
                continue
            self.outcomes.append(posting.transfer)
            if not posting.is_repeat:
                books.apply(posting)
                self._write(posting, books)

    def next_head(self) -> Head:
        """Where the chain ends once this sheet is written."""
        number = self.head.batch + 1
        header = header_line(number, self.now, self.head.hash)
        digest = batch_hash(header, self.transfer_lines, self.leg_lines)
        return Head(number, self.head.sequence + len(self.transfer_lines), self.now, digest)

    def _write(self, posting: Posting, books: Books) -> None:
        sequence = self.head.sequence + len(self.transfer_lines) + 1
        self.transfer_lines.append(transfer_line(sequence, posting.transfer))
        for name, amount_micros in sorted(posting.legs):
            tail = f"\t{amount_micros}\t{books.balances[name]}\n"
            self.entry_lines.append(f"{sequence}\t{self.numbers[name]}{tail}")
            self.leg_lines.append(f"{sequence}\t{name}{tail}")
