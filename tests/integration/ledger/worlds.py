"""A ledger of one's own per test: a database, as many writers as wanted, and what the database says of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from tests.clock import MovingClock

from fogbank.accounts.ledger.auditing.figures import read_figures
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
    async with database.connection() as connection:
        figures = await read_figures(connection, "", clock())
    wrong = [] if figures.balances_sum == "0.00" else [f"the balances sum to {figures.balances_sum}"]
    named = {what: names for what, names in asdict(figures).items() if isinstance(names, list)}
    wrong += [f"{what}: {name}" for what, names in named.items() for name in names]
    return wrong + figures.chain.broken
