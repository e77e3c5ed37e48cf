# ruff: noqa: S608 - the SQL is put together from this file's own words
"""The processes that store what `disorder` sends, and that add up in the end what is there."""

import asyncio
import hashlib
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from fogbank.benchmarks.ingest_processes import POLL_SECONDS, Where
from fogbank.billing.rules.bulk_rating import costs_micros
from fogbank.billing.rules.price_book import read_lines
from fogbank.billing.service.price_books import read_price_book
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros, credits_from_micros
from fogbank.kernel.quantities import Quantity
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import now_utc
from fogbank.runtime.http.background import running_tasks
from fogbank.usage.component import open_usage
from fogbank.usage.ingesting.ingestion import CONSUMER
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, rollups, totals
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import BOUNDS, METERS, METRICS, PERCENTAGES

IS_READY, DIE, DRAIN, DRAINED = "ready", "die", "drain", "drained"
CURRENCY = "EUR"

CONTENTS = {
    "usage_events": (
        *("instance_id", "period_start_us", "length_us", "org_id", "user_id", "node_id"),
        *(*METRICS, "sequence"),
    ),
    "account_windows": ("start_us", "account_id", "user_id", *METERS, *PERCENTAGES, "events"),
    "account_days": ("start_us", "account_id", *METERS, "events"),
    "instance_hours": (
        *("start_us", "instance_id", "account_id", "user_id", "node_id"),
        *(*METERS, *PERCENTAGES, *BOUNDS, "events"),
    ),
    "account_hours": ("start_us", "account_id", *METERS, *PERCENTAGES, "events"),
    "user_hours": ("start_us", "account_id", "user_id", *METERS, *PERCENTAGES, "events"),
}
"""What each table holds, without the stamps that say when it was written."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows, and a sum of their hashes: the same rows in any order give the same."""

    rows: int
    hashes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system holds in the end; `charges` is what all of it costs by the default prices, in credits."""

    tables: dict[str, Contents]
    charge_lines: int
    charges: str
    charges_sha256: str


def serve(where: Where, directory: Path, pipe: Connection) -> None:
    """Usage as it runs in production, until it is told to die, or to drain the queue and end."""
    asyncio.run(_serve(where, directory, pipe))


async def _serve(where: Where, directory: Path, pipe: Connection) -> None:
    is_drained = asyncio.Event()
    loop = asyncio.get_running_loop()

    def obey() -> None:
        if pipe.recv() == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        loop.call_soon_threadsafe(is_drained.set)

    async with (
        QueueClient.open(where.url, user=where.user, password=where.password) as queue,
        open_usage(queue=queue, dsn=_dsn(directory), clock=now_utc) as component,
        running_tasks([component]),
    ):
        threading.Thread(target=obey, daemon=True).start()
        pipe.send(IS_READY)
        await is_drained.wait()
        while await queue.usage_pending(CONSUMER):  # noqa: ASYNC110 - the queue does not tell when it is drained
            await asyncio.sleep(POLL_SECONDS)
        pipe.send(DRAINED)


def conclude(directory: Path, pipe: Connection) -> None:
    """Roll up what is left, and tell what is there."""
    pipe.send(asyncio.run(_outcome(directory)))


async def _outcome(directory: Path) -> Outcome:
    async with Engine.open(_dsn(directory)) as engine:
        stamps = Stamps(now_utc, max(await rollups.last_revision(engine), await marks.last_mark(engine)))
        await Rolling(engine, stamps, now_utc, 1.0, 0).roll_up(quiet_us=0)
        tables = {table: await _contents(engine, table, columns) for table, columns in CONTENTS.items()}
        lines = charge_lines(await totals.changed(engine, 0, stamps.last))
    return Outcome(
        tables=tables,
        charge_lines=len(lines),
        charges=credits_from_micros(Micros(sum(micros for _, micros in lines))),
        charges_sha256=hashlib.sha256(repr(lines).encode()).hexdigest(),
    )


def charge_lines(payer_months: Sequence[Row]) -> list[tuple[str, int]]:
    """What every meter of every payer's month costs by the default prices, in micro-credits, in one order."""
    prices = read_lines(read_price_book(None, CURRENCY))
    lines = []
    for place, meter in enumerate(METERS, start=2):
        costs = costs_micros(prices[Meter(meter)].rate, [Quantity(row[place]) for row in payer_months])
        lines += [(f"{row[0]} {row[1]} {meter}", cost) for row, cost in zip(payer_months, costs, strict=True)]
    return sorted(lines)


async def _contents(engine: Engine, table: str, columns: Sequence[str]) -> Contents:
    [(rows, hashes)] = await engine.rows(f"SELECT count(), sum(cityHash64({', '.join(columns)})) FROM {table} FINAL")
    return Contents(rows, hashes)


def _dsn(directory: Path) -> str:
    return f"chdb://{directory}/usage"
