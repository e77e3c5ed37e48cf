"""One batch, from operations to a commit.

A batch is drafted in memory, on books that begin where the chain ends, and then written from there. Where another
writer was faster, or an id turns out to be used, it is posted again with the chain's head locked first: then nothing
can be in the way.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from fogbank.accounts.ledger.model import grant_name, owner_in
from fogbank.accounts.ledger.posting import store
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import AnyOperation, GrantCredit, HoldOperation, Move
from fogbank.accounts.ledger.posting.sheet import Draft, Sheet
from fogbank.runtime.database import Connection, Database

CONNECTION_WAIT_SECONDS = 5.0
OPERATIONS_AT_A_STRETCH = 128
"""How many are decided, about 1 ms, before the event loop gets to send what the batch before has to write."""


class Overtaken(Exception):
    """The chain does not end where the sheet begins, or one of its refusals may be a repeat. Nothing was written."""


async def draft(database: Database, books: Books, operations: Sequence[AnyOperation], now: datetime) -> Sheet:
    """The sheet for `operations`, by `books`, which are filled with what is missing and move on."""
    if not is_covered(books, operations):
        async with database.pool.connection(CONNECTION_WAIT_SECONDS) as connection:
            await cover(connection, books, operations)
    return await _decide(books, operations, now)


async def write(connection: Connection, sheet: Sheet) -> None:
    """Commit the sheet, or confirm that it is right where there is nothing to write. Raises `Overtaken`."""
    if sheet.refused_ids and await store.read_transfers(connection, sheet.refused_ids):
        raise Overtaken
    is_right = store.is_head(connection, sheet.head) if sheet.is_empty else store.post_sheet(connection, sheet)
    if not await is_right:
        raise Overtaken


async def post_under_lock(
    connection: Connection, operations: Sequence[AnyOperation], now: datetime
) -> tuple[Books, Sheet]:
    """Post `operations` in one transaction that locks the head first; returns fresh books and what was written."""
    await store.begin(connection)
    books = await store.read_books(connection, now, is_locked=True)
    earlier = await store.read_transfers(connection, [operation.id for operation in operations])
    books.transfers.update({transfer.id: transfer for transfer in earlier})
    await cover(connection, books, operations)
    sheet = await _decide(books, operations, now)
    if not sheet.is_empty:
        await store.post_sheet(connection, sheet)
    await store.commit(connection)
    return books, sheet


async def _decide(books: Books, operations: Sequence[AnyOperation], now: datetime) -> Sheet:
    books.at(max(now, books.head.posted_at))
    batch = Draft(books)
    for start in range(0, len(operations), OPERATIONS_AT_A_STRETCH):
        if start:
            await asyncio.sleep(0)
        for operation in operations[start : start + OPERATIONS_AT_A_STRETCH]:
            batch.add(operation)
    return batch.finish()


def is_covered(books: Books, operations: Sequence[AnyOperation]) -> bool:
    """Whether the books have all that deciding `operations` takes."""
    owners = books.owners
    return all(
        operation.hold_id in books.holds
        if isinstance(operation, HoldOperation)
        else operation.account_id in owners and not isinstance(operation, GrantCredit)
        for operation in operations
    )


async def cover(connection: Connection, books: Books, operations: Sequence[AnyOperation]) -> None:
    """Fill the books with all that deciding `operations` takes, and draw numbers for grants that are new."""
    wanted = [operation.hold_id for operation in operations if isinstance(operation, HoldOperation)]
    unknown = [hold_id for hold_id in wanted if hold_id not in books.holds]
    holds = await store.read_holds(connection, unknown) if unknown else []
    account_ids = {account_id for operation in operations for account_id in owners_of(operation)}
    await store.read_owners(connection, books, account_ids | {hold.account_id for hold in holds})
    books.take_holds(holds)
    ids = [operation.id for operation in operations if isinstance(operation, GrantCredit)]
    new = [grant_name(grant_id) for grant_id in ids if grant_id not in books.transfers]
    numbers = await store.draw_numbers(connection, len(new))
    for name, number in zip(new, numbers, strict=True):
        books.numbers.setdefault(name, number)


def owners_of(operation: AnyOperation) -> set[str]:
    """The payers that an operation names itself."""
    if isinstance(operation, Move):
        return {owner for name in (operation.from_name, operation.to_name) if (owner := owner_in(name))}
    return {operation.account_id} if operation.account_id else set()
