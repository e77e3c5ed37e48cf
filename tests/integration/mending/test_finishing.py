"""What was written down is done at the next start: a correction that a kill cut short, or that a restore lost."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import temporary_directory
from fogbank.usage.mending.corrections import Corrections
from fogbank.usage.mending.model import Content, StoredReading, Wish
from fogbank.usage.model import Grain
from fogbank.usage.retention.intake import Intake
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import corrections, marks
from fogbank.usage.store.engine import Engine

READING = StoredReading(
    instance_id="f-1",
    start_us=1_767_225_600_000_000,
    content=Content(30_000_000, "o-1", "u-1", (1, 2, 3, 4, 5, 6, 7, 8)),
    sequence=-1,
    node_id="n-1",
    revision=0,
    stream_sequence=5,
    ordinal=2,
)
WISH = Wish({"cpu_seconds": 99}, None, None, None)


class Killed(Exception):
    """The process ends here."""


class Log:
    """An activity log that a kill may come after."""

    kill = False

    async def record_activity(self, **_act: object) -> object:
        if self.kill:
            raise Killed
        return None


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Engine]:
    with temporary_directory() as directory:
        async with Engine.open(f"chdb://{directory}/usage") as engine:
            await corrections.write_reading(engine, READING)
            yield engine


def service(engine: Engine, log: Log) -> Corrections:
    return Corrections(engine, Stamps(now_utc, 0), log, Intake(), now_utc)


async def correct(service: Corrections) -> StoredReading:
    stored, _ = await service.correct("f-1", READING.start_us, WISH, actor_id="a", reason="r", key="")
    return stored


async def test_killed_after_the_log_nothing_is_changed_and_asking_again_does_it(engine: Engine) -> None:
    log = Log()
    log.kill = True
    with pytest.raises(Killed):
        await correct(service(engine, log))
    assert await corrections.reading(engine, "f-1", READING.start_us) == READING
    log.kill = False
    assert (await correct(service(engine, log))).content.metrics_micros[0] == 99


async def test_killed_after_it_was_written_down_the_next_start_does_it_and_marks_its_spans(engine: Engine) -> None:
    await correct(service(engine, Log()))
    [done] = await corrections.of_reading(engine, "f-1", READING.start_us)
    # As a kill leaves it: written down, and neither in the readings nor marked.
    for table in ("usage_events", "usage_corrections", "rollup_marks"):
        await engine.command(f"TRUNCATE TABLE {table}")
    await corrections.write_reading(engine, READING)
    await corrections.write(engine, replace(done, is_applied=False))
    await service(engine, Log()).finish()
    stored = await corrections.reading(engine, "f-1", READING.start_us)
    assert stored == replace(READING, content=done.content, revision=1)
    assert len(await marks.dirty(engine, Grain.WINDOW)) == len(await marks.dirty(engine, Grain.HOUR)) == 1
    assert await corrections.unapplied(engine) == []


async def test_readings_restored_from_before_a_correction_get_it_again(engine: Engine) -> None:
    await correct(service(engine, Log()))
    await engine.command("TRUNCATE TABLE usage_events")
    await corrections.write_reading(engine, READING)
    await service(engine, Log()).finish()
    stored = await corrections.reading(engine, "f-1", READING.start_us)
    assert stored is not None
    assert (stored.revision, stored.content.metrics_micros[0]) == (1, 99)
    assert await corrections.behind(engine) == []


async def test_a_reading_that_retention_took_does_not_come_back(engine: Engine) -> None:
    await correct(service(engine, Log()))
    await engine.command("TRUNCATE TABLE usage_events")
    await service(engine, Log()).finish()
    assert await corrections.reading(engine, "f-1", READING.start_us) is None
