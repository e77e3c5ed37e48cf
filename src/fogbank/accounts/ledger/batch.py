"""One batch, from operations to a commit: lock, decide in order, write. In one transaction, on one connection."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fogbank.accounts.ledger import store
from fogbank.accounts.ledger.model import DEPOSITS, REVENUE, SYSTEM_ACCOUNTS, owner_in
from fogbank.accounts.ledger.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    GrantCredit,
    Move,
    Release,
)
from fogbank.accounts.ledger.sheet import Outcome, Sheet
from fogbank.runtime.database import Connection


async def post_batch(
    connection: Connection, operations: Sequence[AnyOperation], now: datetime, known_owners: set[str]
) -> list[Outcome]:
    """What becomes of `operations`, in order; all that is accepted is committed when this returns.

    `known_owners` are payers who have ledger accounts; those opened here are added once that is committed. Whatever
    goes wrong with the database is raised, with the transaction still open: the connection's owner rolls back.
    """
    needs = needs_of(operations, known_owners)
    if needs.hold_ids:
        needs.owners.update(await store.owners_of_holds(connection, needs.hold_ids))
    loaded = await store.begin_and_load(connection, needs, now)
    sheet = Sheet(loaded.head, loaded.books.now, loaded.numbers)
    sheet.fill(operations, loaded.books)
    if sheet.is_empty:
        await store.rollback(connection)
    else:
        await store.write_and_commit(connection, sheet, loaded.books)
        known_owners |= needs.new_owners
    return sheet.outcomes


def needs_of(operations: Iterable[AnyOperation], known_owners: set[str]) -> store.Needs:
    """What must be locked and read to decide `operations`."""
    needs = store.Needs(set(), set(), set(), [], [], [])
    for operation in operations:
        needs.transfer_ids.append(operation.id)
        match operation:
            case Deduct() | Charge():
                needs.owners.add(operation.account_id)
                needs.system.add(REVENUE)
            case Capture() | Release():
                needs.hold_ids.append(operation.hold_id)
                needs.system.add(operation.to_name if isinstance(operation, Capture) else REVENUE)
            case Move():
                _add_names(needs, (operation.from_name, operation.to_name))
            case GrantCredit():
                needs.owners.add(operation.account_id)
                needs.grant_ids.append(operation.id)
                needs.system.add(operation.grant_kind.source)
            case Deposit():
                needs.owners.add(operation.account_id)
                needs.system.add(DEPOSITS)
            case _:
                needs.owners.add(operation.account_id)
    needs.new_owners.update(needs.owners - known_owners)
    return needs


def _add_names(needs: store.Needs, names: Iterable[str]) -> None:
    for name in names:
        if name in SYSTEM_ACCOUNTS:
            needs.system.add(name)
        else:
            needs.owners.add(owner_in(name) or "")
