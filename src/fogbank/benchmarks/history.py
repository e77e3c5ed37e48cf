"""`history`: how long people and billing wait for an answer, with many readings stored and more coming in.

A year of readings is put into a store and rolled up: every five minutes for eleven months, every thirty seconds for the
last one. Then a fleet plays through a real NATS into the same usage process, at the pace of life, while questions are
asked one after the other over HTTP in memory: parsing, permissions, the store and JSON are all in the time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from random import Random

from fogbank.benchmarks.filling import EVENTS, Past, fill, instance_id, merge, organization_id, organizations
from fogbank.benchmarks.ingest import percentiles_ms, received, spawned
from fogbank.benchmarks.ingest_processes import Where
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.queue.client import QueueClient, StreamLimits
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.player import Player, real_time
from fogbank.simulate.schedule import Schedule, on_grid
from fogbank.usage.client import UsageClient
from fogbank.usage.component import open_usage
from fogbank.usage.model import DAY_US, Span
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import start_of
from fogbank.usage.stamps import Stamps
from fogbank.usage.store.engine import Engine

FINE_DAYS, FINE_SECONDS = 30, 30
COARSE_DAYS, COARSE_SECONDS = 335, 300
PERIOD_SECONDS = 5
"""How often the playing fleet is measured: often, so that readings come in all the time and not in a burst."""
SEED = 20_260_301
IS_PLAYING = "playing"
SERVICE = Caller("bench", CallerKind.SERVICE)
MILLISECONDS = 1_000


async def run(*, instances: int = 600, queries: int = 500, events_per_second: int = 20_000) -> dict[str, object]:
    """Fill a year of `instances`, then ask each question `queries` times while `events_per_second` come in."""
    today_us = start_of(microseconds_of(now_utc()), DAY_US)
    with temporary_directory() as directory:
        dsn = f"chdb://{directory}/usage"
        events = await _filled(dsn, instances, today_us)
        async with (
            running_nats(directory) as nats,
            QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue,
            _asking(queue, dsn) as usage,
        ):
            where = Where(nats.url, nats.user, nats.password)
            with spawned(play, where, events_per_second * PERIOD_SECONDS, wait_seconds=0) as fleet:
                await received(fleet)
                asked = _Questions(usage, instances, instant_of(today_us), queries, Random(SEED))  # noqa: S311
                answers = {
                    "instance_30d_hourly": await asked.waits(asked.instance_by_hour),
                    "org_12m_daily": await asked.waits(asked.organization_by_day),
                    "payer_totals": await asked.waits(asked.payer_totals),
                }
    return {"events_stored": events, "events_per_second_meanwhile": events_per_second, **answers}


async def _filled(dsn: str, instances: int, today_us: int) -> int:
    """Put the year into the store, rolled up and merged; returns how many readings it is."""
    recent_us = today_us - FINE_DAYS * DAY_US
    coarse = Past(instances, COARSE_SECONDS, Span(recent_us - COARSE_DAYS * DAY_US, recent_us))
    fine = Past(instances, FINE_SECONDS, Span(recent_us, today_us))
    async with Engine.open(dsn) as engine:
        stamps = Stamps(now_utc, 0)
        sequence = await fill(engine, coarse, 1, stamps.take())
        await fill(engine, fine, sequence, stamps.take())
        await merge(engine, EVENTS)
        await Rolling(engine, stamps, now_utc, 1.0, 0).roll_up(quiet_us=0)
        await merge(
            engine, "account_windows", "account_days", "instance_hours", "account_hours", "user_hours", "rollup_marks"
        )
    return coarse.events + fine.events


@asynccontextmanager
async def _asking(queue: QueueClient, dsn: str) -> AsyncIterator[UsageClient]:
    """Usage over that store, ingesting and answering."""
    await queue.ensure_streams(StreamLimits(usage_bytes_max=2 * 1024**3))
    async with open_usage(queue=queue, dsn=dsn, clock=now_utc) as component, running_tasks([component]):
        transport = InMemoryTransport()
        transport.connect(
            create_app(title="usage", components=[component], authenticator=_Anybody(), clock=now_utc),
        )
        async with in_memory_http(transport) as http:
            yield UsageClient(ServiceHttp(http).as_caller(SERVICE.id))


@dataclass(frozen=True, slots=True)
class _Anybody:
    """Takes every caller for a service: who may see what is not what is measured."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:  # noqa: ARG002 - an authenticator's signature
        return SERVICE


def play(where: Where, instances: int, pipe: Connection) -> None:
    """The process of a fleet whose readings come in, period after period, until it is ended."""
    asyncio.run(_play(where, instances, pipe))


async def _play(where: Where, instances: int, pipe: Connection) -> None:
    fleet = Fleet(instances, max(1, instances // 1_000), max(1, instances // 200), SEED)
    async with QueueClient.open(where.url, user=where.user, password=where.password) as queue:
        first_us = on_grid(microseconds_of(now_utc()), PERIOD_SECONDS)
        schedule = Schedule(first_us, PERIOD_SECONDS, 24 * 3_600 // PERIOD_SECONDS)
        pipe.send(IS_PLAYING)
        await Player(queue, monotonic_seconds, on_confirmed=lambda _count: None).play(
            fleet, schedule, real_time(now_utc)
        )


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked: each time of another instance, organisation or payer."""

    usage: UsageClient
    instances: int
    today: datetime
    queries: int
    dice: Random

    async def instance_by_hour(self) -> None:
        """An instance's last 30 days by hour."""
        subject = instance_id(self.dice.randrange(self.instances))
        since = self.today - timedelta(days=FINE_DAYS)
        answer = await self.usage.history("instances", subject, from_at=since, to_at=self.today, interval="hour")
        assert len(answer.rows) == FINE_DAYS * 24

    async def organization_by_day(self) -> None:
        """An organisation's last twelve months by day."""
        subject = organization_id(self.dice.randrange(organizations(self.instances)))
        since = self.today - timedelta(days=FINE_DAYS + COARSE_DAYS)
        answer = await self.usage.history("organizations", subject, from_at=since, to_at=self.today, interval="day")
        assert len(answer.rows) == FINE_DAYS + COARSE_DAYS

    async def payer_totals(self) -> None:
        """One payer's totals, as billing reads them."""
        answer = await self.usage.totals_of(organization_id(self.dice.randrange(organizations(self.instances))))
        assert answer.totals

    async def waits(self, question: Callable[[], Awaitable[None]]) -> dict[str, float]:
        """How long its answers took, in milliseconds."""
        waits = []
        for _ in range(self.queries):
            before = monotonic_seconds()
            await question()
            waits.append((monotonic_seconds() - before) * MILLISECONDS)
        return percentiles_ms(waits)
