"""`ingest`: from a fleet's readings to durable, rolled up and queryable, with nothing lost and nothing doubled.

A publisher process plays a recorded fleet as fast as it goes through a real NATS that syncs every message, into a usage
process with windows and hours on, while somebody looks at history. The clock starts with the first batch and stops when
every reading is stored and rolled up. What is lost or doubled is then counted from both ends: the queue's messages are
decoded anew, and the store is added up in every way it can be.
"""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import psutil

from fogbank.benchmarks.ingest_processes import Load, Published, Stored, Where, publish, store
from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory

CLEAN_UP_SECONDS = 30.0
SHOWN_SECONDS = 0.1
MIB = 1024 * 1024


async def run(*, events: int = 50_000_000, instances: int = 100_000) -> dict[str, object]:
    """Ingest `events` of `instances`, rounded up to whole periods; everything is started here and removed again."""
    load = Load.of(events, instances)
    with temporary_directory() as directory:
        async with running_nats(directory) as nats:
            where = Where(nats.url, nats.user, nats.password)
            with (
                spawned(store, where, load, directory / "usage") as to_store,
                spawned(publish, where, load, directory) as to_publisher,
            ):
                await asyncio.gather(received(to_store), received(to_publisher))
                queue_before, started_at_seconds = cpu_seconds_of(nats), monotonic_seconds()
                to_store.send("go")
                to_publisher.send("go")
                published: Published = await received(to_publisher)
                to_store.send("that was all")
                stored: Stored = await received(to_store)
                queue_cpu_seconds = cpu_seconds_of(nats) - queue_before
    return report(published, stored, stored.done_at_seconds - started_at_seconds, queue_cpu_seconds)


def report(published: Published, stored: Stored, seconds: float, queue_cpu_seconds: float) -> dict[str, object]:
    """What was measured. A reading is lost that any place lacks, and doubled that any place has too often."""
    events, figures = published.events, stored.figures
    counts = (figures.accepted_stored, figures.stored_events, figures.window_events, figures.hour_events)
    usage = stored.cpu_seconds_by_part
    cpu_seconds = {"publisher": published.cpu_seconds, "queue": queue_cpu_seconds, "usage": sum(usage.values())}
    per_million = 1_000_000 / events
    return {
        "events": events,
        "seconds": round(seconds, 2),
        "events_per_second": round(events / seconds),
        "cpu_seconds": round(sum(cpu_seconds.values()), 2),
        "cpu_seconds_per_million": {
            part: round(used * per_million, 3) for part, used in {**cpu_seconds, **prefixed("usage: ", usage)}.items()
        },
        "usage_peak_memory_mib": stored.peak_memory_bytes // MIB,
        "history_meanwhile": {
            "answers": len(stored.history_waits_ms),
            **(percentiles_ms(stored.history_waits_ms) if stored.history_waits_ms else {}),
        },
        "lost": max(events - count for count in (figures.accepted_events, *counts)),
        "doubled": max(count - events for count in (figures.accepted_events, *counts)),
        "accounts_differing": sum(
            not (account.stored == account.windows == account.days == account.hours) for account in figures.accounts
        ),
    }


def percentiles_ms(waits_ms: Sequence[float]) -> dict[str, float]:
    """The middle and the hundredth-worst of some waits, in milliseconds."""
    return {f"p{rank}_ms": round(float(np.percentile(waits_ms, rank)), 2) for rank in (50, 99)}


def prefixed(prefix: str, parts: dict[str, float]) -> dict[str, float]:
    """The parts that used anything worth telling, most first."""
    return {
        f"{prefix}{name}": used
        for name, used in sorted(parts.items(), key=lambda part: -part[1])
        if used >= SHOWN_SECONDS
    }


def cpu_seconds_of(nats: NatsServer) -> float:
    """What the queue's process used so far."""
    assert nats.process is not None
    times = psutil.Process(nats.process.pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def spawned(
    work: Callable[..., None], *arguments: object, wait_seconds: float = CLEAN_UP_SECONDS
) -> Iterator[Connection]:
    """A process of its own that does `work` and talks over a pipe; spawned, because chDB hangs in forks.

    In the end it may take `wait_seconds` to end by itself.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(*arguments, theirs))
    process.start()
    theirs.close()
    try:
        yield ours
        process.join(wait_seconds)
    finally:
        process.kill()
        process.join()


async def received(pipe: Connection) -> Any:
    """The next thing that the process says; `EOFError` when it died first."""
    return await asyncio.to_thread(pipe.recv)
