"""A large ledger against an empty one: in the same PostgreSQL, measured in turns, so that noise meets them alike."""

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from statistics import median

from fogbank.accounts.ledger.service import LedgerService
from fogbank.benchmarks.ledger_fill_store import fill, make_database
from fogbank.benchmarks.ledger_load import batch, pay_in, single, writing
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer
from fogbank.runtime.migrations import migrate

EMPTY, LARGE = "empty", "large"
TURNS = (EMPTY, LARGE, LARGE, EMPTY, EMPTY, LARGE)
SHARE = 10
"""Each turn posts a tenth of the operations: what was empty must stay next to empty."""

WAYS = ("single", "batch")
ENTRIES_PER_TRANSFER = 2
Figures = dict[str, float | int]


async def measure_large(
    server: PostgresServer, entries: int, *, operations: int, clients: int, accounts: int
) -> dict[str, object]:
    """`large_slowdown`: by how many percent single deductions or lists are slower, whichever more.

    Where others use the disk too, `cpu_us`, ours and PostgreSQL's for one operation, says more than the rates.
    """
    for name in (EMPTY, LARGE):
        await _make(server, name, accounts)
    began = time.perf_counter()
    size_bytes = await fill(server.url_of(LARGE), entries // ENTRIES_PER_TRANSFER)
    fill_seconds = time.perf_counter() - began
    async with AsyncExitStack() as stack:
        ledgers = {name: await _open(stack, server.url_of(name)) for name in (EMPTY, LARGE)}
        rates = await _take_turns(ledgers, max(operations // SHARE, 1), clients, accounts)
    slowdowns = {way: _slowdown_percent(rates[EMPTY, way], rates[LARGE, way]) for way in WAYS}
    return {
        "large_slowdown": max(slowdowns.values()),
        "large": {
            "entries": entries,
            "bytes": size_bytes,
            "fill_seconds": round(fill_seconds, 1),
            **{f"{way}_slowdown": percent for way, percent in slowdowns.items()},
            **{f"{name}_{way}_per_second": round(_median(turns)) for (name, way), turns in rates.items()},
            **{f"{name}_{way}_cpu_us": round(_cpu_us(turns), 1) for (name, way), turns in rates.items()},
        },
    }


async def _make(server: PostgresServer, name: str, accounts: int) -> None:
    await make_database(server.url, name)
    await asyncio.to_thread(migrate, server.url_of(name))
    async with Database.open(server.url_of(name)) as database, writing(database) as ledger:
        await pay_in(ledger, accounts)


async def _open(stack: AsyncExitStack, url: str) -> LedgerService:
    database = await stack.enter_async_context(Database.open(url))
    return await stack.enter_async_context(writing(database))


async def _take_turns(
    ledgers: dict[str, LedgerService], operations: int, clients: int, accounts: int
) -> dict[tuple[str, str], list[Figures]]:
    """What was measured, by ledger and way, turn by turn; each ledger has a first one that does not count."""
    taken = defaultdict[tuple[str, str], list[Figures]](list)
    for turn, name in enumerate((*ledgers, *TURNS)):
        ledger = ledgers[name]
        crowd = await single(ledger, operations, clients, accounts, f"single{turn}")
        lists = await batch(ledger, operations, accounts, f"batch{turn}")
        if turn >= len(ledgers):
            for way, figures in zip(WAYS, (crowd, lists), strict=True):
                taken[name, way].append({**figures, "operations": operations})
    return taken


def _slowdown_percent(empty: list[Figures], large: list[Figures]) -> float:
    return round((1 - _median(large) / _median(empty)) * 100, 1)


def _median(turns: list[Figures]) -> float:
    return median(figures["per_second"] for figures in turns)


def _cpu_us(turns: list[Figures]) -> float:
    return median(
        (figures["cpu_seconds"] + figures["postgres_cpu_seconds"]) / figures["operations"] * 1e6 for figures in turns
    )
