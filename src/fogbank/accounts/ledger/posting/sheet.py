"""A sheet: one batch as it is written, and as the chain hashes it."""

from dataclasses import dataclass, field

from fogbank.accounts.ledger.chain import batch_hash, header_line, transfer_front, transfer_line
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.model import Head, Hold, Posting, Transfer, grant_name, owner_in
from fogbank.accounts.ledger.posting.books import Books, Changes
from fogbank.accounts.ledger.posting.literals import quoted, row_array
from fogbank.accounts.ledger.posting.operations import AnyOperation, ExpireHold
from fogbank.accounts.ledger.posting.rules import decide

Outcome = Transfer | Refused
"""What an operation's caller gets."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One batch: where in the chain it goes, what it writes, and what it answers.

    What it writes is array literals of the tables' rows; `changed_accounts` were there before, `new_accounts` were not.
    A sheet is right only as long as the chain ends at `previous`. `refused_ids` are operations that were refused
    without looking whether they were posted long before.
    """

    previous: Head
    head: Head
    outcomes: list[Outcome]
    refused_ids: list[str]
    transfers: str
    entries: str
    changed_accounts: str
    new_accounts: str
    holds: str

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
            return Sheet(previous, previous, self.outcomes, self.refused_ids, *[row_array(())] * 5)
        header = header_line(previous.batch + 1, books.now, previous.hash)
        digest = batch_hash(header, self.transfer_lines, self.entry_lines)
        head = Head(previous.batch + 1, previous.sequence + len(self.transfer_rows), books.now, digest)
        changes = books.move_on(head)
        opened = _new_accounts(books, changes)
        return Sheet(
            previous,
            head,
            self.outcomes,
            self.refused_ids,
            row_array(self.transfer_rows),
            row_array(self.entry_rows),
            row_array(_changed_row(books, name) for name in changes.accounts if name not in opened),
            row_array(opened.values()),
            row_array(_hold_row(books.holds[hold_id]) for hold_id in changes.holds),
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


def _changed_row(books: Books, name: str) -> str:
    """An account that the database has: of what names it, its number is enough."""
    return f"{books.numbers[name]},,,,,,,{_state(books, name)}"


def _new_accounts(books: Books, changes: Changes) -> dict[str, str]:
    """The rows of ledger accounts that the database does not have, by name."""
    rows = dict[str, str]()
    for owner in changes.owners:
        rows[owner.customer] = _new_row(books, owner.customer, "customer", owner.account_id)
        rows[owner.arrears] = _new_row(books, owner.arrears, "arrears", owner.account_id)
    for owner, grant in changes.grants:
        expires_at = "" if grant.expires_at is None else grant.expires_at.isoformat()
        name, terms = grant_name(grant.id), f"{grant.kind},{grant.priority},{expires_at}"
        rows[name] = _new_row(books, name, "grant", owner.account_id, terms)
    for name in changes.earnings:
        rows[name] = _new_row(books, name, "earnings", owner_in(name) or "")
    return rows


def _new_row(books: Books, name: str, kind: str, owner_id: str, terms: str = ",,") -> str:
    return f"{books.numbers[name]},{name},{kind},{owner_id},{terms},{_state(books, name)}"


def _state(books: Books, name: str) -> str:
    """Balance, what is held, floor, whether it is frozen, and whether it is settled, which it is not."""
    balance_micros = books.balances[name]
    if not name.startswith("customer:"):
        return f"{balance_micros},0,0,f,f"
    owner = books.owners[name.removeprefix("customer:")]
    return f"{balance_micros},{owner.held_micros},{owner.floor_micros},{'t' if owner.is_frozen else 'f'},f"


def _hold_row(hold: Hold) -> str:
    return f"{hold.id},{hold.account_id},{hold.amount_micros},{hold.expires_at.isoformat()},{hold.state}"
