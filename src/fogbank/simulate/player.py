"""Playing: a source's readings through the real queue, at the pace of real time or as fast as it goes.

What was played can be played again: batches have the same bytes and the same message ids, so whatever arrived before is
not stored twice. That is how a run that broke off is resumed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fogbank.events.batch import MESSAGE_ID, NODE, Batch
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient, QueueUnavailable, usage_subject
from fogbank.runtime.clock import Clock, MonotonicClock
from fogbank.simulate.model import Source
from fogbank.simulate.schedule import Schedule

UNCONFIRMED_MAX = 16
"""How many batches wait for the queue's word at a time."""
RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
"""How long one batch is offered to a queue that does not confirm it, before the run ends."""

Pace = Callable[[int], Awaitable[None]]
"""Waits until the readings of a period that ends then (µs since the epoch) may be sent."""


@dataclass(slots=True)
class Played:
    """What was sent and confirmed."""

    events: int = 0
    batches: int = 0
    payload_bytes: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Player:
    """Plays sources into `queue`; tells `on_confirmed` how many events each confirmed batch held."""

    queue: QueueClient
    monotonic: MonotonicClock
    on_confirmed: Callable[[int], None]
    unconfirmed_max: int = UNCONFIRMED_MAX
    patience_seconds: float = PATIENCE_SECONDS

    async def play(self, source: Source, schedule: Schedule, pace: Pace) -> Played:
        """Send every reading of the schedule; returns after the queue has confirmed the last one.

        Waits for a queue that is away; raises `QueueUnavailable` when it stays away beyond the patience.
        """
        played = Played()
        room = asyncio.Semaphore(self.unconfirmed_max)
        refused: QueueUnavailable | None = None
        try:
            async with asyncio.TaskGroup() as sending:
                for period_start_us in schedule:
                    await pace(period_start_us + schedule.period_seconds * 1_000_000)
                    for batch in source.tick(period_start_us, schedule.period_seconds):
                        await room.acquire()
                        sending.create_task(self._send(batch, played)).add_done_callback(lambda _: room.release())
        except* QueueUnavailable as failures:
            refused = QueueUnavailable(str(failures.exceptions[0]))
        # Raised out here: from inside `except*` some releases of Python 3.11 wrap it in a group.
        if refused is not None:
            raise refused
        return played

    async def _send(self, batch: Batch, played: Played) -> None:
        played.retries += await self._publish(batch)
        count = events_in(batch)
        played.events += count
        played.batches += 1
        played.payload_bytes += len(batch.payload)
        self.on_confirmed(count)

    async def _publish(self, batch: Batch) -> int:
        """Offer one batch until it is confirmed; returns how often that had to be repeated."""
        subject = usage_subject(batch.headers[NODE])
        gives_up_at = self.monotonic() + self.patience_seconds
        retries = 0
        while True:
            try:
                await self.queue.publish(subject, batch)
            except QueueUnavailable:
                if self.monotonic() >= gives_up_at:
                    raise
                retries += 1
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return retries


def events_in(batch: Batch) -> int:
    """How many events the batch holds, by its name: `node:first-last`."""
    first, last = batch.headers[MESSAGE_ID].rpartition(":")[2].split("-")
    return int(last) - int(first) + 1


async def as_fast_as_it_goes(period_end_us: int) -> None:
    """The pace of benchmarks, and of the past."""


def real_time(clock: Clock) -> Pace:
    """The pace of life: a period's readings are sent when it is over."""

    async def wait_until(period_end_us: int) -> None:
        while (left_us := period_end_us - microseconds_of(clock())) > 0:  # noqa: ASYNC110 - only time can end it
            await asyncio.sleep(left_us / 1_000_000)

    return wait_until
