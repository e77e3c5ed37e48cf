"""How many operations a second the ledger posts, durably: an embedded PostgreSQL with fsync on, in this process.

`single` is a crowd of clients that each wait for one deduction before they ask for the next; `batch` is callers of
lists of thousands of charges; `idle` is one client alone. Every operation also moves the same revenue account. In the
end everything is added up and hashed again. `http` is the same crowd over HTTP, and `large_slowdown` how much slower
single deductions or lists are, in percent, when the ledger holds `stored_entries` already.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from fogbank.accounts.ledger.service import LedgerService
from fogbank.benchmarks.ledger_http import measure_http
from fogbank.benchmarks.ledger_large import measure_large
from fogbank.benchmarks.ledger_load import batch, pay_in, single, writing
from fogbank.runtime.collecting import collect_seldom
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate

T = TypeVar("T")

IDLE_OPERATIONS = 500
STORED_ENTRIES = 10_000_000
"""About 2.1 GB of tables, and as much again of log while they are filled."""


async def run(
    *,
    operations: int = 200_000,
    clients: int = 64,
    accounts: int = 1_000,
    http_requests: int = 20_000,
    stored_entries: int = STORED_ENTRIES,
) -> dict[str, object]:
    """Post `operations` one by one, then as many in lists, for `accounts` payers.

    `http_requests` and `stored_entries` may be 0: then that is not measured.
    """
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            await asyncio.to_thread(migrate, server.url)
            figures = await _as_who_serves(_measure_posting(server.url, operations, clients, accounts))
            if http_requests:
                figures["http"] = await measure_http(
                    data_dir, server.url, requests=http_requests, clients=clients, accounts=accounts
                )
            if stored_entries:
                large = measure_large(server, stored_entries, operations=operations, clients=clients, accounts=accounts)
                figures |= await _as_who_serves(large)
            return figures


async def _as_who_serves(work: Coroutine[Any, Any, T]) -> T:
    """Do `work` on the event loop that serving processes have; it starts no server as another user, so not all is."""
    return await asyncio.to_thread(uvloop.run, work)


async def _measure_posting(url: str, operations: int, clients: int, accounts: int) -> dict[str, object]:
    async with Database.open(url) as database, writing(database) as ledger:
        await pay_in(ledger, accounts)
        collect_seldom()  # as every process that serves does
        idle = await single(ledger, IDLE_OPERATIONS, 1, accounts, "idle")
        crowd = await single(ledger, operations, clients, accounts, "single")
        lists = await batch(ledger, operations, accounts, "batch")
        return {
            "operations": operations,
            "clients": clients,
            "accounts": accounts,
            "single": crowd,
            "batch": lists,
            "idle": idle,
            **await _soundness(ledger),
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
