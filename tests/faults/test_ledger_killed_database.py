"""PostgreSQL is killed under load, again and again: nothing acknowledged is lost, nothing doubled, the chain is intact.

`FOGBANK_LEDGER_KILLS=40 pytest -s tests/faults/test_ledger_killed_database.py` goes on longer, and says what it did.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count

import psutil
from tests.clock import MovingClock
from tests.integration.ledger.worlds import audit, stored, writer_of

from fogbank.accounts.ledger.errors import LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    PlaceHold,
    Post,
    Release,
    Reverse,
)
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer, running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate

KILLS = int(os.environ.get("FOGBANK_LEDGER_KILLS", "4"))
CLIENTS = 24
ACCOUNTS = 6
ACKNOWLEDGED_BETWEEN_KILLS = 800
CREDIT = 10**9


class Client:
    """Asks for one thing after the other, and again under the same id where there is no answer."""

    def __init__(self, writer: Writer, number: int, clock: MovingClock, progress: asyncio.Event) -> None:
        self.writer = writer
        self.number = number
        self.clock = clock
        self.progress = progress
        self.asked: dict[str, tuple[AnyOperation, Transfer]] = {}

    async def work(self, until: asyncio.Event) -> None:
        for operation in self._operations():
            self.asked[operation.id] = operation, await self._insist(operation)
            self.progress.set()
            if until.is_set():
                return

    def _operations(self) -> Iterator[AnyOperation]:
        """A round of everything that moves, on one of a few accounts that all share."""
        for turn in count():
            name, payer = f"client-{self.number}-{turn}", f"org_{(self.number + turn) % ACCOUNTS}"
            ends = self.clock.now + timedelta(days=1)
            yield Deduct(id=f"{name}-deduct", account_id=payer, amount_micros=1 + turn % 7)
            yield Charge(id=f"{name}-charge", account_id=payer, amount_micros=1 + turn % 5)
            yield Reverse(id=f"{name}-reverse", transfer_id=f"{name}-{('deduct', 'charge')[turn % 2]}")
            yield PlaceHold(id=f"{name}-hold", account_id=payer, amount_micros=10, expires_at=ends)
            yield (
                Capture(id=f"{name}-capture", hold_id=f"{name}-hold", part_micros=3, to_name="earnings:op_x")
                if turn % 2
                else Release(id=f"{name}-release", hold_id=f"{name}-hold")
            )
            legs = ((f"customer:{payer}", -5), ("tax", 2), ("treasury", 3))
            yield Post(id=f"{name}-post", legs=legs)

    async def _insist(self, operation: AnyOperation) -> Transfer:
        while True:
            try:
                return await self.writer.post(operation)
            except LedgerUnavailable as error:
                if "violates" in str(error):
                    raise AssertionError(f"only the database kept {operation.id} from being posted") from error
                await asyncio.sleep(0.01)


class World:
    """Two writers, as of two processes, and their clients."""

    def __init__(self, writers: list[Writer], clock: MovingClock) -> None:
        self.progress = asyncio.Event()
        self.clients = [Client(writers[number % 2], number, clock, self.progress) for number in range(CLIENTS)]

    @property
    def acknowledged(self) -> int:
        return sum(len(client.asked) for client in self.clients)

    async def go_on(self) -> None:
        goal = self.acknowledged + ACKNOWLEDGED_BETWEEN_KILLS
        while self.acknowledged < goal:
            self.progress.clear()
            await self.progress.wait()


async def test_nothing_acknowledged_is_lost_or_doubled_however_often_postgres_is_killed() -> None:
    clock = MovingClock()
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with (
                Database.open(server.url) as database,
                writer_of(database, clock) as one,
                writer_of(database, clock) as other,
            ):
                for number in range(ACCOUNTS):
                    await one.post(Deposit(id=f"deposit-{number}", account_id=f"org_{number}", amount_micros=CREDIT))
                world, until = World([one, other], clock), asyncio.Event()
                async with asyncio.TaskGroup() as working:  # ends at once where a client fails
                    for client in world.clients:
                        working.create_task(client.work(until))
                    for kill in range(KILLS):
                        await world.go_on()
                        await _kill_and_restart(server)
                        sys.stdout.write(f"kill {kill + 1}: {world.acknowledged} acknowledged\n")
                    await world.go_on()
                    until.set()
                await _assert_all_there_once(database, clock, world)


async def _assert_all_there_once(database: Database, clock: MovingClock, world: World) -> None:
    asked = [each for client in world.clients for each in client.asked.values()]
    before = await stored(database)
    async with writer_of(database, clock) as later:
        answers = await later.post_all([operation for operation, _ in asked])
    assert answers == [transfer for _, transfer in asked]
    assert await stored(database) == before
    assert sum(account.balance for account in before.values()) == 0
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT id FROM ledger.transfers")
        ids = {name for (name,) in await cursor.fetchall()}
    assert ids == {f"deposit-{number}" for number in range(ACCOUNTS)} | {operation.id for operation, _ in asked}
    assert await audit(database, clock) == []
    sys.stdout.write(f"{len(ids)} transfers, each acknowledged is there once, the audit is clean\n")


async def _kill_and_restart(server: PostgresServer) -> None:
    assert server.process is not None
    postmaster = psutil.Process(server.process.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    await server.process.wait()
    await server.start()
