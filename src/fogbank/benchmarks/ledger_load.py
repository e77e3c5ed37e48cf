"""Load on a ledger in this process: a crowd of single deductions, or callers of long lists of charges."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from hashlib import md5

import psutil

from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import AnyOperation, Charge, Deduct, Deposit
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database

BATCH_OPERATIONS = 10_000
BATCH_CALLERS = 2
CREDIT_MICROS = 10**12


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[LedgerService]:
    writer = Writer(database, now_utc, Health(now_utc))
    running = asyncio.create_task(writer.run())
    try:
        yield LedgerService(database, writer, now_utc, "USD")
    finally:
        running.cancel()
        await asyncio.wait([running])


async def single(
    ledger: LedgerService, operations: int, clients: int, accounts: int, name: str
) -> dict[str, float | int]:
    """`operations` deductions by a crowd that each wait for one before they ask for the next."""
    ids = random_ids(name, operations)
    latencies: list[float] = []

    async def client(number: int) -> None:
        for turn in range(number, operations, clients):
            operation = Deduct(
                id=ids[turn], account_id=f"org_{turn * 7 % accounts}", amount_micros=1 + turn % 999, memo="load"
            )
            asked = time.perf_counter()
            await ledger.post(operation)
            latencies.append(time.perf_counter() - asked)

    figures = await timed(operations, asyncio.gather(*(client(number) for number in range(clients))))
    latencies.sort()
    return {
        **figures,
        "p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 2),
    }


async def batch(ledger: LedgerService, operations: int, accounts: int, name: str) -> dict[str, float | int]:
    """`operations` charges in lists of thousands."""
    ids = random_ids(name, operations)
    starts = iter(range(0, operations, BATCH_OPERATIONS))

    async def caller() -> None:
        for start in starts:
            await all_posted(
                ledger,
                [
                    Charge(
                        id=ids[turn],
                        account_id=f"org_{turn % accounts}",
                        amount_micros=1 + turn % 999,
                        memo="load",
                    )
                    for turn in range(start, min(start + BATCH_OPERATIONS, operations))
                ],
            )

    return await timed(operations, asyncio.gather(*(caller() for _ in range(BATCH_CALLERS))))


async def pay_in(ledger: LedgerService, accounts: int) -> None:
    """Give each payer more than it can spend here."""
    await all_posted(ledger, [deposit(number) for number in range(accounts)])


async def all_posted(ledger: LedgerService, operations: list[AnyOperation]) -> None:
    for outcome in await ledger.post_all(operations):
        assert isinstance(outcome, Transfer), outcome


async def timed(operations: int, work: Awaitable[object]) -> dict[str, float | int]:
    """Operations a second, and the CPU seconds of this process and of PostgreSQL."""
    started, ours, theirs = time.perf_counter(), time.process_time(), _children_cpu_seconds()
    await work
    return {
        "per_second": round(operations / (time.perf_counter() - started)),
        "cpu_seconds": round(time.process_time() - ours, 2),
        "postgres_cpu_seconds": round(_children_cpu_seconds() - theirs, 2),
    }


def random_ids(name: str, count: int) -> list[str]:
    """Ids as those of deductions over HTTP: they say nothing of when they came."""
    return [f"{name}:{md5(f'{name}-{turn}'.encode(), usedforsecurity=False).hexdigest()}" for turn in range(count)]


def deposit(number: int) -> Deposit:
    return Deposit(id=f"deposit-{number}", account_id=f"org_{number}", amount_micros=CREDIT_MICROS)


def _children_cpu_seconds() -> float:
    """Of the PostgreSQL that runs below this process; a backend that ended is not counted."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in times)
