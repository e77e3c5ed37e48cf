"""How many operations a second the ledger posts, durably: an embedded PostgreSQL with fsync on, in this process.

`single` is a crowd of clients that each wait for one deduction before they ask for the next; `batch` is callers of
lists of thousands of charges; `idle` is one client alone. Every operation also moves the same revenue account. In the
end everything is added up and hashed again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import psutil

from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import AnyOperation, Charge, Deduct, Deposit
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate

BATCH_OPERATIONS = 10_000
BATCH_CALLERS = 2
IDLE_OPERATIONS = 500
CREDIT_MICROS = 10**12


async def run(*, operations: int = 200_000, clients: int = 64, accounts: int = 1_000) -> dict[str, object]:
    """Post `operations` one by one, then as many in lists, for `accounts` payers."""
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            async with Database.open(server.url) as database, _writing(database) as ledger:
                await _all_posted(ledger, [_deposit(number) for number in range(accounts)])
                idle = await _single(ledger, IDLE_OPERATIONS, 1, accounts, "idle")
                single = await _single(ledger, operations, clients, accounts, "single")
                batch = await _batch(ledger, operations, accounts)
                return {
                    "operations": operations,
                    "clients": clients,
                    "accounts": accounts,
                    "single": single,
                    "batch": batch,
                    "idle": idle,
                    **await _soundness(ledger),
                }


@asynccontextmanager
async def _writing(database: Database) -> AsyncIterator[LedgerService]:
    writer = Writer(database, now_utc, Health(now_utc))
    running = asyncio.create_task(writer.run())
    try:
        yield LedgerService(database, writer, now_utc, "USD")
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _single(
    ledger: LedgerService, operations: int, clients: int, accounts: int, name: str
) -> dict[str, float | int]:
    latencies: list[float] = []

    async def client(number: int) -> None:
        for turn in range(number, operations, clients):
            operation = Deduct(
                id=f"{name}-{turn}", account_id=f"org_{turn * 7 % accounts}", amount_micros=1 + turn % 999, memo="load"
            )
            asked = time.perf_counter()
            await ledger.post(operation)
            latencies.append(time.perf_counter() - asked)

    figures = await _timed(operations, asyncio.gather(*(client(number) for number in range(clients))))
    latencies.sort()
    return {
        **figures,
        "p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 2),
    }


async def _batch(ledger: LedgerService, operations: int, accounts: int) -> dict[str, float | int]:
    starts = iter(range(0, operations, BATCH_OPERATIONS))

    async def caller() -> None:
        for start in starts:
            await _all_posted(
                ledger,
                [
                    Charge(
                        id=f"batch-{turn}",
                        account_id=f"org_{turn % accounts}",
                        amount_micros=1 + turn % 999,
                        memo="load",
                    )
                    for turn in range(start, min(start + BATCH_OPERATIONS, operations))
                ],
            )

    return await _timed(operations, asyncio.gather(*(caller() for _ in range(BATCH_CALLERS))))


async def _all_posted(ledger: LedgerService, operations: list[AnyOperation]) -> None:
    for outcome in await ledger.post_all(operations):
        assert isinstance(outcome, Transfer), outcome


async def _timed(operations: int, work: Awaitable[object]) -> dict[str, float | int]:
    """Operations a second, and the CPU seconds of this process and of PostgreSQL."""
    started, ours, theirs = time.perf_counter(), time.process_time(), _children_cpu_seconds()
    await work
    return {
        "per_second": round(operations / (time.perf_counter() - started)),
        "cpu_seconds": round(time.process_time() - ours, 2),
        "postgres_cpu_seconds": round(_children_cpu_seconds() - theirs, 2),
    }


async def _soundness(ledger: LedgerService) -> dict[str, object]:
    started = time.perf_counter()
    figures = await ledger.figures("")
    is_sound = figures.chain.ok and figures.balances_sum == "0.00" and not figures.differing_accounts
    return {
        "is_sound": is_sound,
        "transfers": figures.transfers,
        "audit_seconds": round(time.perf_counter() - started, 2),
    }


def _deposit(number: int) -> Deposit:
    return Deposit(id=f"deposit-{number}", account_id=f"org_{number}", amount_micros=CREDIT_MICROS)


def _children_cpu_seconds() -> float:
    """Of the PostgreSQL that runs below this process; a backend that ended is not counted."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in times)
