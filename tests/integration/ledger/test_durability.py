"""PostgreSQL is killed under load: nothing acknowledged is lost, and repeats are answered as the first time."""

import asyncio
from contextlib import suppress

import psutil
from tests.integration.ledger.conftest import MovingClock, writing
from tests.integration.ledger.test_posting import assert_sound

from fogbank.accounts.ledger.errors import LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import Deduct, Deposit
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer, running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate

CLIENTS = 32
KILLS = 2
ACKNOWLEDGED_BETWEEN_KILLS = 1_000


class Spender:
    """Deducts one micro-credit after the other; what gets no answer is asked again under the same id."""

    def __init__(self, ledger: LedgerService, number: int, acknowledged: dict[str, Transfer]) -> None:
        self.ledger = ledger
        self.number = number
        self.acknowledged = acknowledged
        self.progress = asyncio.Event()

    async def spend(self, until: asyncio.Event) -> None:
        turn = 0
        while not until.is_set():
            operation = Deduct(id=f"spend-{self.number}-{turn}", account_id="org_a", amount_micros=1)
            self.acknowledged[operation.id] = await self._insist(operation)
            self.progress.set()
            turn += 1

    async def _insist(self, operation: Deduct) -> Transfer:
        while True:
            try:
                return await self.ledger.post(operation)
            except LedgerUnavailable:
                await asyncio.sleep(0.01)


async def test_nothing_acknowledged_is_lost_when_postgres_is_killed_under_load(clock: MovingClock) -> None:
    acknowledged: dict[str, Transfer] = {}
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with Database.open(server.url) as database, writing(database, clock) as ledger:
                await ledger.post(Deposit(id="deposit", account_id="org_a", amount_micros=10**9))
                spenders = [Spender(ledger, number, acknowledged) for number in range(CLIENTS)]
                until = asyncio.Event()
                spending = [asyncio.create_task(spender.spend(until)) for spender in spenders]
                for _ in range(KILLS):
                    await _acknowledge_more(spenders[0], acknowledged)
                    await _kill_and_restart(server)
                await _acknowledge_more(spenders[0], acknowledged)
                until.set()
                await asyncio.gather(*spending)
                figures = await assert_sound(ledger)
                assert figures.transfers == 1 + len(acknowledged)
            async with Database.open(server.url) as database, writing(database, clock) as later:
                operations = [Deduct(id=key, account_id="org_a", amount_micros=1) for key in acknowledged]
                assert await later.post_all(operations) == list(acknowledged.values())
                assert (await later.figures("")).transfers == 1 + len(acknowledged)


async def test_a_restart_of_the_database_between_two_deductions_is_noticed_by_nobody(clock: MovingClock) -> None:
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with Database.open(server.url) as database, writing(database, clock) as ledger:
                await ledger.post(Deposit(id="deposit", account_id="org_a", amount_micros=10))
                await _kill_and_restart(server)
                await ledger.post(Deduct(id="deduct", account_id="org_a", amount_micros=10))
                await _kill_and_restart(server)
                await ledger.post(Deposit(id="other", account_id="org_b", amount_micros=10))


async def _acknowledge_more(spender: Spender, acknowledged: dict[str, Transfer]) -> None:
    goal = len(acknowledged) + ACKNOWLEDGED_BETWEEN_KILLS
    while len(acknowledged) < goal:
        spender.progress.clear()
        await spender.progress.wait()


async def _kill_and_restart(server: PostgresServer) -> None:
    assert server.process is not None
    postmaster = psutil.Process(server.process.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    await server.process.wait()
    await server.start()
