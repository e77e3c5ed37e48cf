"""Covering: filling the books with all that deciding some operations takes, before any is decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fogbank.accounts.ledger.model import earnings_name, grant_in, grant_name, owner_in
from fogbank.accounts.ledger.posting import past_store, store
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    ExpireGrant,
    ExpireHold,
    ExtendHold,
    GrantCredit,
    Move,
    Post,
    Release,
    Reverse,
    VoidGrant,
)
from fogbank.runtime.database import Connection


@dataclass(slots=True)
class Needs:
    """What operations name: payers and operators, holds, grants and transfers by id, and grants that they make."""

    owners: set[str] = field(default_factory=set)
    operators: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)
    transfers: set[str] = field(default_factory=set)
    new_grants: list[str] = field(default_factory=list)

    def of(self, operation: AnyOperation) -> None:
        """Add what `operation` names."""
        match operation:
            case Move():
                self.of_names((operation.from_name, operation.to_name))
            case Post():
                self.of_names(name for name, _ in operation.legs)
            case Reverse():
                self.transfers.add(operation.transfer_id)
            case Capture():
                self.holds.add(operation.hold_id)
                self.of_names((operation.to_name,))
            case ExtendHold() | Release() | ExpireHold():
                self.holds.add(operation.hold_id)
            case VoidGrant() | ExpireGrant():
                self.grants.add(operation.grant_id)
            case GrantCredit():
                self.owners.add(operation.account_id)
                self.new_grants.append(operation.id)
            case _:
                self.owners.add(operation.account_id)

    def of_names(self, names: Iterable[str]) -> None:
        """Add whose ledger accounts these are."""
        for name in names:
            grant_id, account_id = grant_in(name), owner_in(name)
            if grant_id is not None:
                self.grants.add(grant_id)
            if account_id is not None:
                self.owners.add(account_id)
                if name == earnings_name(account_id):
                    self.operators.add(account_id)


def is_covered(books: Books, operations: Sequence[AnyOperation]) -> bool:
    """Whether the books surely have all that deciding `operations` takes."""
    owners, holds = books.owners, books.holds
    return all(
        operation.account_id in owners
        if operation.is_plain
        else isinstance(operation, ExtendHold | Release | ExpireHold) and operation.hold_id in holds
        for operation in operations
    )


async def cover(connection: Connection, books: Books, operations: Sequence[AnyOperation]) -> None:
    """Fill the books with all that deciding `operations` takes, and draw numbers for ledger accounts that are new."""
    needs = Needs()
    for operation in operations:
        needs.of(operation)
    await _cover_past(connection, books, needs)
    unknown = [hold_id for hold_id in needs.holds if hold_id not in books.holds]
    holds = await store.read_holds(connection, unknown) if unknown else []
    grants = await past_store.read_grants(connection, [each for each in needs.grants if each not in books.grants])
    await store.read_owners(
        connection,
        books,
        needs.owners | {hold.account_id for hold in holds} | {grant.owner_id for grant in grants},
    )
    books.take_holds(holds)
    for grant in grants:
        past_store.take_grant(books, grant)
    await _open_new(connection, books, needs)


async def _cover_past(connection: Connection, books: Books, needs: Needs) -> None:
    """The transfers that are to be reversed, and whose ledger accounts their mirrors touch."""
    missing = [each for each in needs.transfers if each not in books.transfers or books.legs_of(each) is None]
    for past in await past_store.read_past(connection, missing):
        books.transfers.setdefault(past.transfer.id, past.transfer)
        books.legs[past.transfer.id] = past.legs
        if past.reversal_id is not None:
            books.reversals[past.transfer.id] = past.reversal_id
    for transfer_id in needs.transfers:
        needs.of_names(name for name, _ in books.legs_of(transfer_id) or ())
        transfer = books.transfers.get(transfer_id)
        if transfer is not None and transfer.account_id:
            needs.owners.add(transfer.account_id)


async def _open_new(connection: Connection, books: Books, needs: Needs) -> None:
    opened = [name for name in map(earnings_name, needs.operators) if name not in books.balances]
    new = [grant_name(grant_id) for grant_id in needs.new_grants if grant_id not in books.transfers]
    numbers = await store.draw_numbers(connection, len(opened) + len(new))
    for name in opened:
        books.open_earnings(name, numbers.pop())
    for name in new:
        books.numbers.setdefault(name, numbers.pop())
