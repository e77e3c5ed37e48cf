"""`store`: what a reading takes on disk, what its hour takes, and what it costs to roll it up anew.

A recorded trace (`--trace FILE`) is read and stored as ingestion does it, without the queue; without one, a synthetic
fleet's day is, which is noisier than recorded machines are. Then everything is merged, as a store at rest is. Rolling
up anew is measured on hours of a large synthetic fleet.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from fogbank.benchmarks.filling import EVENTS, ROLLED_UP, merge
from fogbank.events.batch import NODE
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message, usage_subject
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import temporary_directory
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.model import Source
from fogbank.simulate.schedule import Schedule
from fogbank.simulate.trace import read_trace
from fogbank.usage.ingesting.reading import read_some
from fogbank.usage.model import DAY_US, Grain
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import start_of
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks
from fogbank.usage.store.engine import Engine

PERIOD_SECONDS = 30
PERIODS_PER_HOUR, HOURS_PER_DAY = 120, 24
SEED = 20_260_301
MESSAGES_AT_ONCE = 400


async def run(*, instances: int = 100_000, hours: int = 2, trace: Path | None = None) -> dict[str, object]:
    """Bytes of a day of the trace, and the pace of rolling up `hours` of a fleet of `instances` anew."""
    midnight_us = start_of(microseconds_of(now_utc()), DAY_US)
    day = Schedule.ending_by(midnight_us, PERIOD_SECONDS, PERIODS_PER_HOUR * HOURS_PER_DAY)
    some_hours = Schedule.ending_by(midnight_us, PERIOD_SECONDS, PERIODS_PER_HOUR * hours)
    return {
        "recorded": trace is not None,
        **await _bytes(_recorded(trace) if trace else Fleet(1_000, 10, 50, SEED), day),
        "rolled_anew": await _rolled_anew(Fleet(instances, instances // 1_000, instances // 200, SEED), some_hours),
    }


async def _bytes(source: Source, schedule: Schedule) -> dict[str, object]:
    """What the readings of the schedule, and their hours, take on disk."""
    with temporary_directory() as directory:
        async with Engine.open(f"chdb://{directory}/usage") as engine:
            await _store(engine, source, schedule)
            await _rolling(engine).roll_up(quiet_us=0)
            await merge(engine, EVENTS, *ROLLED_UP)
            rows = {name: (count, size) for name, count, size in await engine.rows(SIZES)}
    events, event_bytes = rows[EVENTS]
    hour_bytes = sum(rows[table][1] for table in ROLLED_UP if table.endswith("_hours"))
    return {
        "events": events,
        "bytes_per_event": round(event_bytes / events, 2),
        "hourly_share": round(hour_bytes / event_bytes, 4),
        "bytes_per_instance_hour": round(rows["instance_hours"][1] / rows["instance_hours"][0], 1),
        "five_minute_share": round(rows["account_windows"][1] / event_bytes, 4),
    }


async def _rolled_anew(source: Source, schedule: Schedule) -> dict[str, object]:
    """CPU seconds of every rollup of the schedule's merged readings, from nothing."""
    with temporary_directory() as directory:
        async with Engine.open(f"chdb://{directory}/usage") as engine:
            events = await _store(engine, source, schedule)
            await merge(engine, EVENTS)
            before = process_time()
            await _rolling(engine).roll_up(quiet_us=0)
            cpu_seconds = process_time() - before
    return {
        "events": events,
        "cpu_seconds": round(cpu_seconds, 2),
        "events_per_cpu_second": round(events / cpu_seconds),
    }


async def _store(engine: Engine, source: Source, schedule: Schedule) -> int:
    """Read and store the source's batches as ingestion does; returns how many readings they hold."""
    events, stamps = 0, Stamps(now_utc, 0)
    waiting: list[Message] = []
    with tempfile.TemporaryDirectory() as directory:
        for message in _messages(source, schedule):
            waiting.append(message)
            if len(waiting) == MESSAGES_AT_ONCE or message.pending == 0:
                while waiting:
                    reading = read_some(waiting, Path(directory))
                    assert reading.file is not None
                    await engine.insert(EVENTS, reading.file)
                    reading.file.unlink()
                    spans = [(Grain.WINDOW, at) for at in reading.windows] + [(Grain.HOUR, at) for at in reading.hours]
                    await marks.mark(engine, spans, stamps.take())
                    events += reading.events
                    waiting = waiting[reading.messages :]
    return events


def _messages(source: Source, schedule: Schedule) -> Iterator[Message]:
    """The batches as the queue would deliver them; the last has none pending behind it."""
    number, now = 0, now_utc()
    for period_start_us in schedule:
        batches = list(source.tick(period_start_us, schedule.period_seconds))
        for batch in batches:
            number += 1
            node_id = batch.headers[NODE]
            is_last = batch is batches[-1] and period_start_us == schedule.ends_us - schedule.period_seconds * 1_000_000
            yield Message(
                subject=usage_subject(node_id),
                node_id=node_id,
                payload=batch.payload,
                headers=batch.headers,
                stream_sequence=number,
                received_at=now,
                ack_subject="",
                pending=int(not is_last),
            )


def _recorded(path: Path) -> Source:
    with path.open(newline="") as lines:
        return read_trace(lines, nodes=10, organizations=50)


def _rolling(engine: Engine) -> Rolling:
    return Rolling(engine, Stamps(now_utc, 0), now_utc, 1.0, 0)


SIZES = "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active GROUP BY table"
