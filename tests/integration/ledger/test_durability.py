"""A database that comes back is used again as if it had never been away. (tests/faults kills it under load.)"""

import asyncio
from contextlib import suppress

import psutil
from tests.clock import MovingClock
from tests.integration.ledger.worlds import audit, writer_of

from fogbank.accounts.ledger.posting.operations import Deduct, Deposit
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer, running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate


async def test_a_restart_of_the_database_between_two_deductions_is_noticed_by_nobody(clock: MovingClock) -> None:
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with Database.open(server.url) as database, writer_of(database, clock) as writer:
                await writer.post(Deposit(id="deposit", account_id="org_a", amount_micros=10))
                await _kill_and_restart(server)
                await writer.post(Deduct(id="deduct", account_id="org_a", amount_micros=10))
                await _kill_and_restart(server)
                await writer.post(Deposit(id="other", account_id="org_b", amount_micros=10))
                assert await audit(database, clock) == []


async def _kill_and_restart(server: PostgresServer) -> None:
    assert server.process is not None
    postmaster = psutil.Process(server.process.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    await server.process.wait()
    await server.start()
