"""One batch, from operations to a commit.

A batch is drafted in memory, on books that begin where the chain ends, and then written from there. Where another
writer was faster, or an id turns out to be used, it is posted again with the chain's head locked first: then nothing
can be in the way.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from fogbank.accounts.ledger.posting import store
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.covering import cover, is_covered
from fogbank.accounts.ledger.posting.operations import AnyOperation, ExpireHold
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
    batch = Draft(books)
    for hold in books.at(max(now, books.head.posted_at)):
        batch.settle(ExpireHold.of(hold.id))
    for start in range(0, len(operations), OPERATIONS_AT_A_STRETCH):
        if start:
            await asyncio.sleep(0)
        for operation in operations[start : start + OPERATIONS_AT_A_STRETCH]:
            batch.add(operation)
    return batch.finish()
