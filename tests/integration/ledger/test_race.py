"""Two writers in a race, move by move: both have decided by the same head before either may write."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from tests.clock import MovingClock
from tests.integration.ledger.worlds import audit, stored, writer_of

from fogbank.accounts.ledger.errors import BalanceTooLow, LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting import batch, store
from fogbank.accounts.ledger.posting.batch import draft
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import AnyOperation, Deduct, Deposit, PlaceHold
from fogbank.accounts.ledger.posting.sheet import Outcome, Sheet
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.database import Connection, Database

WAITING_FOR_THE_HEAD = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%%UPDATE ledger.head%%'
"""
SECONDS_MAX = 60


@asynccontextmanager
async def head_locked(url: str, waiting: int) -> AsyncIterator[None]:
    """Nobody can move the head until so many wait for it: only then is it let go."""
    async with await psycopg.AsyncConnection.connect(url) as gate:
        await gate.execute("SELECT FROM ledger.head FOR UPDATE")
        yield
        async with asyncio.timeout(SECONDS_MAX), await psycopg.AsyncConnection.connect(url, autocommit=True) as eye:
            while await (await eye.execute(WAITING_FOR_THE_HEAD)).fetchone() != (waiting,):
                pass
        await gate.rollback()


async def outcome_of(writer: Writer, operation: AnyOperation) -> Outcome | LedgerUnavailable:
    try:
        return await writer.post(operation)
    except (BalanceTooLow, LedgerUnavailable) as error:
        return error


async def race(url: str, clock: MovingClock, operations: list[AnyOperation]) -> list[Outcome | LedgerUnavailable]:
    """What becomes of both, each asked of a writer with a pool of its own, both have decided before any wrote."""
    async with Database.open(url) as database, writer_of(database, clock) as writer:
        await writer.post(Deposit(id="deposit", account_id="org_a", amount_micros=10))
    async with (
        Database.open(url) as one_database,
        Database.open(url) as other_database,
        writer_of(one_database, clock) as one,
        writer_of(other_database, clock) as other,
    ):
        async with head_locked(url, waiting=2):
            asked = zip((one, other), operations, strict=True)
            racing = [asyncio.create_task(outcome_of(writer, operation)) for writer, operation in asked]
        return list(await asyncio.gather(*racing))


async def test_of_two_that_decided_to_spend_the_same_credit_one_does_and_one_is_refused(
    books_url: str, ledger_database: Database, clock: MovingClock
) -> None:
    both: list[AnyOperation] = [Deduct(id=f"d{each}", account_id="org_a", amount_micros=7) for each in range(2)]
    outcomes = await race(books_url, clock, both)
    told = sorted(type(outcome).__name__ for outcome in outcomes)
    assert told == ["BalanceTooLow", "Transfer"], f"of 10 micro-credits, 7 were spent twice: {outcomes}"
    assert (await stored(ledger_database))["customer:org_a"].balance == 3
    assert await audit(ledger_database, clock) == []


async def test_what_one_reserves_the_other_cannot_spend(
    books_url: str, ledger_database: Database, clock: MovingClock
) -> None:
    until = clock.now.replace(year=2027)
    hold = PlaceHold(id="h", account_id="org_a", amount_micros=7, expires_at=until)
    outcomes = await race(books_url, clock, [hold, Deduct(id="d", account_id="org_a", amount_micros=7)])
    assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1, f"7 of 10 were given twice: {outcomes}"
    assert await audit(ledger_database, clock) == []


async def test_whoever_comes_second_is_told_by_the_head_and_not_by_what_it_would_have_written_twice(
    books_url: str, ledger_database: Database, clock: MovingClock
) -> None:
    sheets = []
    for name in ("one", "other"):
        async with ledger_database.connection() as connection:
            books = await store.read_books(connection, clock.now)
        operations = [Deposit(id=name, account_id=f"org_{name}", amount_micros=9)]
        sheets.append(await draft(ledger_database, books, operations, clock.now))
    async with Database.open(books_url) as one, Database.open(books_url) as other:
        async with head_locked(books_url, waiting=2):
            writing = [
                asyncio.create_task(_written(database, sheet))
                for database, sheet in zip((one, other), sheets, strict=True)
            ]
        assert sorted(await asyncio.gather(*writing)) == ["overtaken", "written"]


async def _written(database: Database, sheet: Sheet) -> str:
    async with database.connection() as connection:
        try:
            return "written" if await store.post_sheet(connection, sheet) else "overtaken"
        except UniqueViolation as error:
            return f"two writers wrote from one head: {error}"


async def test_a_busy_writer_that_was_overtaken_once_soon_writes_without_the_lock_again(
    ledger_database: Database, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_under_lock, locked = batch.post_under_lock, list[int]()

    async def counted(connection: Connection, operations: Sequence[AnyOperation], now: datetime) -> tuple[Books, Sheet]:
        locked.append(len(operations))
        return await post_under_lock(connection, operations, now)

    monkeypatch.setattr(batch, "post_under_lock", counted)
    deposits = [Deposit(id=f"deposit-{number}", account_id="org_a", amount_micros=1) for number in range(200)]
    async with writer_of(ledger_database, clock, 10) as one, writer_of(ledger_database, clock) as other:
        await one.post(Deposit(id="one", account_id="org_a", amount_micros=1))
        await other.post(Deposit(id="other", account_id="org_a", amount_micros=1))
        await one.post_all(deposits)
    assert 1 <= len(locked) <= 3, f"of 20 batches, {len(locked)} were posted anew"
    assert await audit(ledger_database, clock) == []
