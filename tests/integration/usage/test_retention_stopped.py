"""Retention that is stopped between its statements, or written into, ends as if nothing had happened."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from tests.clock import MovingClock

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.embedded import temporary_directory
from fogbank.usage.client.retention import DataClass
from fogbank.usage.model import DAY_US, HOUR_US, WINDOW_US, Grain
from fogbank.usage.retention.dropping import Dropping
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.model import Floors, PayerFloors
from fogbank.usage.retention.needs import Needs
from fogbank.usage.retention.service import RetentionService
from fogbank.usage.retention.settling import Settling
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import start_of
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, partitions
from fogbank.usage.store import retention as store
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.partitions import CopyDiffers
from fogbank.usage.store.retention import FOREVER_DAYS, StoredPolicy

E = TypeVar("E", bound=Engine)

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
DAYS = [NOW - timedelta(days=age) for age in (80, 45, 20, 12, 3)]
PAYERS = ("org_a", "org_b", "org_c")
POLICIES = [
    (DataClass.READINGS, "", 14),
    (DataClass.WINDOWS, "", 30),
    (DataClass.HOURS, "", 60),
    (DataClass.READINGS, "org_b", FOREVER_DAYS),
    (DataClass.WINDOWS, "org_b", FOREVER_DAYS),
    (DataClass.HOURS, "org_b", FOREVER_DAYS),
]

INSERT_READINGS = """
    INSERT INTO usage_events (instance_id, period_start_us, length_us, org_id, user_id, cpu_seconds, sequence, version)
    SELECT concat('i-', {payer:String}, toString(number % 3)), {start_us:Int64} + number * 30000000, 30000000,
           {payer:String}, 'user', number, -1, 72057594037927935 - number
    FROM numbers({count:UInt64})
"""
CONTENT = {
    "usage_events": "period_start_us",
    "account_windows": "start_us",
    "instance_hours": "start_us",
    "account_hours": "start_us",
    "user_hours": "start_us",
    "account_days": "start_us",
}


Content = dict[str, dict[tuple[str, int], tuple[int, int]]]
"""Of every table, by payer and day: what its rows add up to, and how many there are."""


class Stopped(Exception):
    """As a kill: nothing after this statement happens."""


@dataclass(frozen=True, slots=True)
class StoppingEngine(Engine):
    """Changes as many things as are left, and stops before the next."""

    left: list[int] = field(default_factory=list)

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        if self.left:
            self.left[0] -= 1
            if self.left[0] < 0:
                raise Stopped
        await Engine.command(self, sql, parameters)


@dataclass(frozen=True, slots=True)
class IntrudedEngine(Engine):
    """Has another writer, who does not ask, in the middle of every copy."""

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        await Engine.command(self, sql, parameters)
        if sql.startswith("INSERT INTO usage_events_staying"):
            start_us = microseconds_of(DAYS[0]) + 1_000_000
            await Engine.command(self, INSERT_READINGS, {"payer": "org_c", "start_us": start_us, "count": 1})


@dataclass(frozen=True, slots=True)
class BusyEngine(Engine):
    """Before every replacement somebody begins to write a late reading into that day, and gets all the time he wants.

    He asks, as ingestion does, and is through when he need not wait.
    """

    intakes: list[Intake] = field(default_factory=list)
    writers: list["asyncio.Task[None]"] = field(default_factory=list)

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        if sql.startswith("ALTER TABLE usage_events REPLACE PARTITION"):
            day = datetime.strptime(sql.split("'")[1], "%Y%m%d").replace(tzinfo=UTC)
            self.writers.append(asyncio.create_task(self._write(microseconds_of(day))))
            await asyncio.wait(self.writers, timeout=0.2)
        await Engine.command(self, sql, parameters)

    async def _write(self, day_us: int) -> None:
        [intake] = self.intakes
        async with intake.batch() as batch:
            await batch.may_write([day_us])
            await Engine.command(self, INSERT_READINGS, {"payer": "org_b", "start_us": day_us, "count": 1})


@dataclass(frozen=True, slots=True)
class LongAgo:
    """Billing that needs nothing older than now."""

    clock: MovingClock

    async def needed_from(self) -> datetime:
        return self.clock()


async def add(engine: Engine, stamps: Stamps, payer: str, at: datetime, count: int = 20) -> None:
    """Readings as ingestion leaves them: stored and marked, not rolled up."""
    start_us = start_of(microseconds_of(at), HOUR_US)
    await engine.command(INSERT_READINGS, {"payer": payer, "start_us": start_us, "count": count})
    windows = range(start_us, start_us + count * 30_000_000, WINDOW_US)
    spans = [(Grain.WINDOW, window) for window in windows] + [(Grain.HOUR, start_us)]
    await marks.mark(engine, spans, stamps.take())


@pytest_asyncio.fixture(scope="module")
async def filled() -> AsyncIterator[Path]:
    """A store to copy: every payer has readings on every day, rolled up, and a few more that are not."""
    with temporary_directory() as directory:
        async with Engine.open(f"chdb://{directory}/usage") as engine:
            clock = MovingClock(NOW)
            stamps = Stamps(clock, 0)
            for payer in PAYERS:
                for day in DAYS:
                    await add(engine, stamps, payer, day)
            await Rolling(engine, stamps, clock, 1.0, 0).roll_up(quiet_us=0)
            await add(engine, stamps, "org_a", DAYS[1] + timedelta(hours=2), 7)
            for data_class, account_id, days in POLICIES:
                await store.set_policy(engine, StoredPolicy(data_class, account_id, days, "admin", "test", 1))
        yield directory / "usage"


@asynccontextmanager
async def copy_of(filled: Path, kind: type[E]) -> AsyncIterator[E]:
    """A copy of that store, open."""
    with temporary_directory() as directory:
        shutil.copytree(filled, directory / "usage", symlinks=True)
        async with kind.open(f"chdb://{directory}/usage") as engine:
            yield engine


async def started(engine: Engine) -> RetentionService:
    """A process that starts now and knows what is on disk."""
    clock = MovingClock(NOW)
    stamps = Stamps(clock, await marks.last_mark(engine))
    now = await store.floors_now(engine)
    intake, rolling = Intake(now), Rolling(engine, stamps, clock, 1.0, 0, now)
    settling = Settling(engine, intake, rolling)
    return RetentionService(settling, Dropping(engine, intake, rolling), Needs(LongAgo(clock), clock, 7), clock)


async def content(engine: Engine) -> Content:
    """What there is."""
    found = {}
    for table, instant in CONTENT.items():
        sql = f"""
            SELECT account_id, intDiv({instant}, {DAY_US}), sum(cpu_seconds), count() FROM {table} FINAL
            GROUP BY 1, 2 ORDER BY 1, 2
        """
        found[table] = {(payer, day): (total, count) for payer, day, total, count in await engine.rows(sql)}
    return found


def days_of(found: Mapping[tuple[str, int], object], payer: str) -> int:
    return sum(1 for account_id, _ in found if account_id == payer)


async def ended_well(engine: Engine) -> tuple[Content, tuple[Floors, Floors]]:
    """The end: what every table holds, and the floors."""
    await (await started(engine)).apply(thorough=True)
    now = await store.floors_now(engine)
    for table in partitions.TABLES:
        assert await engine.rows(f"EXISTS {table.staging}") == [(0,)]
    return await content(engine), (now.taken, now.settled)


async def test_stopped_anywhere_as_often_as_you_like_the_end_is_the_same(filled: Path) -> None:
    async with copy_of(filled, StoppingEngine) as engine:
        before = await content(engine)
        expected = await ended_well(engine)
        require_right_end(before, expected[0])
        assert await ended_well(engine) == expected, "nothing is left to do"
    stops = 0
    async with copy_of(filled, StoppingEngine) as engine:
        while True:
            engine.left[:] = [stops]
            try:
                await (await started(engine)).apply(thorough=True)
            except Stopped:
                stops += 1
            else:
                break
        engine.left.clear()
        assert await ended_well(engine) == expected
    assert stops > 10


def require_right_end(before: Content, after: Content) -> None:
    assert [days_of(after["usage_events"], payer) for payer in PAYERS] == [2, 5, 2]
    assert [days_of(after["account_windows"], payer) for payer in PAYERS] == [3, 5, 3]
    assert [days_of(after["instance_hours"], payer) for payer in PAYERS] == [4, 5, 4]
    assert [days_of(after["account_hours"], payer) for payer in PAYERS] == [4, 5, 4]
    grown = {key: total - before["account_days"][key][0] for key, (total, _) in after["account_days"].items()}
    assert len(grown) == len(PAYERS) * len(DAYS)
    # What was stored and not rolled up yet is in its day before it goes.
    assert [growth for growth in grown.values() if growth] == [sum(range(7))]


async def test_what_is_written_into_a_day_while_it_is_written_anew_is_there_afterwards(filled: Path) -> None:
    async with copy_of(filled, BusyEngine) as engine:
        before = (await content(engine))["usage_events"]
        service = await started(engine)
        engine.intakes.append(service.dropping.intake)
        done = await service.apply(thorough=True)
        await asyncio.gather(*engine.writers)
        after = (await content(engine))["usage_events"]
        assert len(engine.writers) == sum(each.table == "usage_events" for each in done.partitions) == 3
        kept = [sum(count for (payer, _), (_, count) in found.items() if payer == "org_b") for found in (before, after)]
        assert kept[1] == kept[0] + len(engine.writers)


async def test_a_copy_that_is_not_what_stays_replaces_nothing(filled: Path) -> None:
    async with copy_of(filled, IntrudedEngine) as engine:
        table, day = partitions.TABLES[0], f"{DAYS[0]:%Y%m%d}"
        before = (await content(engine))["usage_events"]
        with pytest.raises(CopyDiffers, match=f"usage_events, partition {day}, differs; nothing was replaced"):
            await partitions.stage(engine, table, day, Floors(readings=PayerFloors(0, {"org_a": 2**60})))
        after = (await content(engine))["usage_events"]
        assert sum(count for _, count in after.values()) == sum(count for _, count in before.values()) + 1
