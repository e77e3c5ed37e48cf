"""A sheet: one batch as it is written, and as the chain hashes it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from fogbank.accounts.ledger.chain import batch_hash, header_line, transfer_front, transfer_line
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.model import Grant, Head, Hold, Posting, Transfer, grant_name, owner_in
from fogbank.accounts.ledger.posting.books import Books, Owner
from fogbank.accounts.ledger.posting.literals import quoted, row_array
from fogbank.accounts.ledger.posting.operations import AnyOperation, ExpireHold
from fogbank.accounts.ledger.posting.rules import decide

Outcome = Transfer | Refused
"""What an operation's caller gets."""


class AccountRow(NamedTuple):
    """A ledger account as it stands after a batch."""

    number: int
    balance_micros: int
    held_micros: int
    floor_micros: int
    is_frozen: bool


class NewAccount(NamedTuple):
    """A ledger account that a batch opens, as it stands after it."""

    name: str
    kind: str
    owner_id: str
    grant: Grant | None
    row: AccountRow


@dataclass(frozen=True, slots=True)
class Sheet:
    """One batch: where in the chain it goes, what it writes, and what it answers.

    `transfers` and `entries` are array literals of their tables' rows; `accounts` are those that were there before.
    A sheet is right only as long as the chain ends at `previous`. `refused_ids` are operations that were refused
    without looking whether they were posted long before.
    """

    previous: Head
    head: Head
    outcomes: list[Outcome]
    refused_ids: list[str]
    transfers: str
    entries: str
    new_accounts: list[NewAccount]
    accounts: list[AccountRow]
    holds: list[Hold]

    @property
    def is_empty(self) -> bool:
        return self.head == self.previous


@dataclass(slots=True)
class Draft:
    """A sheet in the making: `add` operations in order, then `finish` it. The books move on with each."""

    books: Books
    outcomes: list[Outcome] = field(default_factory=list)
    refused_ids: list[str] = field(default_factory=list)
    transfer_rows: list[str] = field(default_factory=list)
    entry_rows: list[str] = field(default_factory=list)
    transfer_lines: list[str] = field(default_factory=list)
    entry_lines: list[str] = field(default_factory=list)

    def add(self, operation: AnyOperation) -> None:
        """Decide `operation` by the books as those before it left them. A refused one touches nothing."""
        try:
            posting = decide(operation, self.books)
        except Refused as refused:
            self.outcomes.append(refused)
            self.refused_ids.append(operation.id)
            return
        self.outcomes.append(posting.transfer)
        if not posting.is_repeat:
            self.books.apply(posting)
            self._write(posting)

    def settle(self, operation: ExpireHold) -> None:
        """Post what the passing of time did, which nobody asked for and nobody waits for."""
        posting = decide(operation, self.books)
        self.books.apply(posting)
        self._write(posting)

    def finish(self) -> Sheet:
        """The sheet. With nothing to write, the chain stays where it is."""
        books, previous = self.books, self.books.head
        if not self.transfer_rows:
            return Sheet(previous, previous, self.outcomes, self.refused_ids, "{}", "{}", [], [], [])
        header = header_line(previous.batch + 1, books.now, previous.hash)
        digest = batch_hash(header, self.transfer_lines, self.entry_lines)
        head = Head(previous.batch + 1, previous.sequence + len(self.transfer_rows), books.now, digest)
        changes = books.move_on(head)
        opened = [
            *_new_owners(books, changes.owners),
            *_new_grants(books, changes.grants),
            *_new_earnings(books, changes.earnings),
        ]
        changed = changes.accounts.difference(account.name for account in opened)
        return Sheet(
            previous,
            head,
            self.outcomes,
            self.refused_ids,
            row_array(self.transfer_rows),
            row_array(self.entry_rows),
            opened,
            [_account_row(books, name) for name in changed],
            [books.holds[hold_id] for hold_id in changes.holds],
        )

    def _write(self, posting: Posting) -> None:
        transfer, balances, numbers = posting.transfer, self.books.balances, self.books.numbers
        sequence = self.books.head.sequence + len(self.transfer_rows) + 1
        front = transfer_front(sequence, transfer)
        self.transfer_lines.append(transfer_line(front, transfer))
        row = front.replace("\t", ",")
        if not transfer.account_id:
            row = row.replace(",,", f",{quoted('')},")
        self.transfer_rows.append(f"{row},{quoted(transfer.memo)},{quoted(transfer.details)}")
        rows, lines = self.entry_rows, self.entry_lines
        place = str(sequence)
        for name, amount_micros in sorted(posting.legs):
            # Written twice, so made into text once.
            amount, balance = str(amount_micros), str(balances[name])
            rows.append(f"{place},{numbers[name]},{amount},{balance}")
            lines.append(f"{place}\t{name}\t{amount}\t{balance}\n")


def _account_row(books: Books, name: str) -> AccountRow:
    number, balance_micros = books.numbers[name], books.balances[name]
    if name.startswith("customer:"):
        owner = books.owners[name.removeprefix("customer:")]
        return AccountRow(number, balance_micros, owner.held_micros, owner.floor_micros, owner.is_frozen)
    return AccountRow(number, balance_micros, 0, 0, False)


def _new_owners(books: Books, owners: list[Owner]) -> list[NewAccount]:
    return [
        NewAccount(name, kind, owner.account_id, None, _account_row(books, name))
        for owner in owners
        for name, kind in ((owner.customer, "customer"), (owner.arrears, "arrears"))
    ]


def _new_grants(books: Books, grants: list[tuple[Owner, Grant]]) -> list[NewAccount]:
    return [
        NewAccount(grant_name(grant.id), "grant", owner.account_id, grant, _account_row(books, grant_name(grant.id)))
        for owner, grant in grants
    ]


def _new_earnings(books: Books, names: list[str]) -> list[NewAccount]:
    return [NewAccount(name, "earnings", owner_in(name) or "", None, _account_row(books, name)) for name in names]
