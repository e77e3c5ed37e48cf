"""A ledger of one's own per test: a database, as many writers as wanted, and what the database says of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.integration.ledger.conftest import MovingClock

from fogbank.accounts.ledger.auditing import store as auditing_store
from fogbank.accounts.ledger.auditing.findings import read_findings
from fogbank.accounts.ledger.auditing.verifying import verify_chain
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database


@asynccontextmanager
async def writer_of(database: Database, clock: MovingClock, operations_max: int = 2_000) -> AsyncIterator[Writer]:
    """A writer that runs, as another process would have it."""
    writer = Writer(database, clock, Health(clock), operations_max)
    running = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        running.cancel()
        await asyncio.wait([running])


@dataclass(frozen=True)
class Stored:
    """A ledger account as the database has it, in micro-credits."""

    balance: int
    held: int
    floor: int
    is_frozen: bool


async def stored(database: Database) -> dict[str, Stored]:
    """All ledger accounts by name."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT name, balance_micros, held_micros, floor_micros, is_frozen FROM ledger.accounts"
        )
        return {name: Stored(*row) for name, *row in await cursor.fetchall()}


async def audit(database: Database, clock: MovingClock) -> list[str]:
    """All that the audit finds wrong; nothing of a sound ledger."""
    queries = {
        "account": auditing_store.DIFFERING_ACCOUNTS,
        "entry": auditing_store.BROKEN_ENTRIES,
        "transfer": auditing_store.UNBALANCED_TRANSFERS,
        "holds of": auditing_store.DIFFERING_HOLDS,
    }
    async with database.connection() as connection:
        await auditing_store.begin_one_instant(connection)
        _, _, sum_micros = await auditing_store.counts(connection)
        wrong = [f"the balances sum to {sum_micros}"] if sum_micros else []
        for what, query in queries.items():
            wrong += [f"{what} {name}" for name in await auditing_store.names_of(connection, query)]
        found = await read_findings(connection, clock())
        for names in (found.out_of_range, found.unmirrored_reversals, found.unsettled, found.differing_terms):
            wrong += names
        wrong += (await verify_chain(connection)).broken
        await auditing_store.commit(connection)
    return wrong
