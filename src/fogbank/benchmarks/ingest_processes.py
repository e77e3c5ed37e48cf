"""The two processes that `ingest` measures: one plays a recorded fleet into the queue, one stores and rolls up.

Both are spawned, say when they are ready, start together, and report how much they used.
"""

import asyncio
import resource
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Self

import psutil

from fogbank.benchmarks.looking import Looking
from fogbank.benchmarks.recording import Recording
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient, StreamLimits
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.player import Player, as_fast_as_it_goes
from fogbank.simulate.schedule import Schedule
from fogbank.usage.client import UsageFigures
from fogbank.usage.flow import Flow
from fogbank.usage.history.service import HistoryService
from fogbank.usage.ingesting.ingestion import CONSUMER
from fogbank.usage.mending.opening import mending_of

PERIOD_SECONDS = 30
HOUR_SECONDS = 3_600
INSTANCES_PER_NODE = 1_000
INSTANCES_PER_ORGANIZATION = 200
SEED = 20_260_301
POLL_SECONDS = 0.05
EVENT_BYTES_MAX = 128
"""What an event may take in the queue, packed; it takes about 30."""
IS_READY = "ready"


@dataclass(frozen=True, slots=True)
class Where:
    """How to reach the queue."""

    url: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many events of how many instances, up to which whole hour: hours are over, and rolled up for good."""

    events: int
    instances: int
    ends_us: int

    @classmethod
    def of(cls, events: int, instances: int) -> Self:
        hour_us = HOUR_SECONDS * 1_000_000
        return cls(events, instances, microseconds_of(now_utc()) // hour_us * hour_us)

    @property
    def periods(self) -> int:
        return -(-self.events // self.instances)

    def fleet(self) -> Fleet:
        """Who is measured: organisations of about 200 instances, nodes of 1,000."""
        nodes = max(1, self.instances // INSTANCES_PER_NODE)
        return Fleet(self.instances, nodes, max(1, self.instances // INSTANCES_PER_ORGANIZATION), SEED)

    def schedule(self) -> Schedule:
        return Schedule.ending_by(self.ends_us, PERIOD_SECONDS, self.periods)

    @property
    def stream_bytes_max(self) -> int:
        return self.periods * self.instances * EVENT_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Published:
    """What the publisher did: events that the queue confirmed, and CPU seconds."""

    events: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Stored:
    """When everything was stored and rolled up (monotonic seconds), what that took, and the audit's figures."""

    done_at_seconds: float
    cpu_seconds_by_part: dict[str, float]
    peak_memory_bytes: int
    history_waits_ms: list[float]
    figures: UsageFigures


def publish(where: Where, load: Load, directory: Path, pipe: Connection) -> None:
    """The publisher process."""
    asyncio.run(_publish(where, load, directory, pipe))


async def _publish(where: Where, load: Load, directory: Path, pipe: Connection) -> None:
    schedule = load.schedule()
    with Recording.of(load.fleet(), schedule, directory / "recording") as recording:
        async with QueueClient.open(where.url, user=where.user, password=where.password) as queue:
            pipe.send(IS_READY)
            await asyncio.to_thread(pipe.recv)
            before = process_time()
            player = Player(queue, monotonic_seconds, on_confirmed=lambda _count: None)
            played = await player.play(recording, schedule, as_fast_as_it_goes)
        pipe.send(Published(played.events, process_time() - before))


def store(where: Where, load: Load, directory: Path, pipe: Connection) -> None:
    """The usage process."""
    asyncio.run(_store(where, load, directory, pipe))


async def _store(where: Where, load: Load, directory: Path, pipe: Connection) -> None:
    async with QueueClient.open(where.url, user=where.user, password=where.password) as queue:
        await queue.ensure_streams(StreamLimits(usage_bytes_max=load.stream_bytes_max))
        async with Flow.open(queue, f"chdb://{directory}", now_utc) as flow:
            pipe.send(IS_READY)
            await asyncio.to_thread(pipe.recv)
            before = cpu_seconds_by_part()
            looking = Looking(HistoryService(flow.engine, now_utc, flow.floors), load.fleet().instances, load.ends_us)
            tasks = [flow.ingesting, flow.rolling_up, *mending_of(flow, None).tasks]
            async with running([*(task.run for task in tasks), looking.look_for_ever]):
                await asyncio.to_thread(pipe.recv)
                while await queue.usage_pending(CONSUMER):  # noqa: ASYNC110 - the queue does not tell when it is drained
                    await asyncio.sleep(POLL_SECONDS)
                await flow.rolling.roll_up(quiet_us=0)
                done_at_seconds, parts = monotonic_seconds(), cpu_seconds_by_part()
            used = {name: seconds - before.get(name, 0) for name, seconds in parts.items()}
            memory_bytes = peak_memory_bytes()
            figures = await flow.auditing.figures()
            pipe.send(Stored(done_at_seconds, used, memory_bytes, looking.waits_ms, figures))


@asynccontextmanager
async def running(works: Sequence[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """These things run, for as long as this lasts."""
    tasks = [asyncio.ensure_future(work()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def peak_memory_bytes() -> int:
    """The most that this process held at once so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cpu_seconds_by_part() -> dict[str, float]:
    """What the threads of this process, and the processes that it started, used so far, by what they do."""
    parts: dict[str, float] = defaultdict(float)
    us = psutil.Process()
    ours = {thread.native_id: thread.name.rpartition("_")[0] or thread.name for thread in threading.enumerate()}
    for thread in us.threads():
        parts[ours.get(thread.id, "engine")] += thread.user_time + thread.system_time
    for child in us.children():
        times = child.cpu_times()
        parts["readers"] += times.user + times.system
    return parts
