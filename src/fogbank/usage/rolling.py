"""Rolling up: what readings came into since the last pass is computed anew, money first.

A pass reads the marks, recomputes their spans, and only then clears those marks. A kill in between repeats the work; a
reading that comes in between has a higher stamp, and its span stays dirty.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock, monotonic_seconds
from fogbank.usage import counters, gaps
from fogbank.usage.model import DAY_US, HOUR_US, WINDOW_US, Grain, Mark, Span
from fogbank.usage.retention.model import FloorsNow
from fogbank.usage.rules import QUIET_US, hours_due, spans_of, start_of
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, rollups
from fogbank.usage.store.engine import Engine

REST = 4
"""How much longer than a pass the rest after it is at least, so that those who ask have the engine most of the time."""
REST_SECONDS_MAX = 20.0
"""But no longer than that: what came during a pass over months is not to wait for minutes."""


@dataclass(slots=True)
class Rolling:
    """Rolls up, one pass at a time. `revision` is that of the last whole pass: the cursor of totals."""

    engine: Engine
    stamps: Stamps
    clock: Clock
    interval_seconds: float
    revision: int
    floors: FloorsNow = field(default_factory=FloorsNow)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Roll up every `interval_seconds`, for ever; more seldom where a pass takes long, so that others get on."""
        while True:
            before = monotonic_seconds()
            await self.roll_up()
            rest_seconds = min(REST * (monotonic_seconds() - before), REST_SECONDS_MAX)
            await asyncio.sleep(max(self.interval_seconds, rest_seconds))

    async def roll_up(self, quiet_us: int = QUIET_US) -> None:
        """Bring every dirty window and day, and the closed hours that came to rest, to what the readings say."""
        async with self._one_at_a_time:
            windows = await marks.dirty(self.engine, Grain.WINDOW)
            if windows:
                await self._roll_windows(windows)
            hours = hours_due(await marks.dirty(self.engine, Grain.HOUR), microseconds_of(self.clock()), quiet_us)
            if hours:
                await self._roll_hours(hours)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """No pass begins while this lasts, and none is under way."""
        async with self._one_at_a_time:
            yield

    async def _roll_windows(self, dirty: list[Mark]) -> None:
        revision = self.stamps.take()
        for span in spans_of((mark.start_us for mark in dirty), WINDOW_US, HOUR_US, DAY_US):
            await rollups.recompute(self.engine, rollups.WINDOWS, span, revision, self.floors.settled)
        for day_us in sorted({start_of(mark.start_us, DAY_US) for mark in dirty}):
            await rollups.recompute(
                self.engine, rollups.DAYS, Span(day_us, day_us + DAY_US), revision, self.floors.settled
            )
        await marks.rolled(self.engine, Grain.WINDOW, dirty)
        # Only now may a reader be told this revision: before, some of its rows were still to come.
        self.revision = revision
        counters.SPANS_ROLLED.labels(Grain.WINDOW).inc(len(dirty))

    async def _roll_hours(self, due: list[Mark]) -> None:
        revision = self.stamps.take()
        for span in spans_of((mark.start_us for mark in due), HOUR_US, 0, DAY_US):
            for rollup in (rollups.HOURS, rollups.ACCOUNT_HOURS, rollups.USER_HOURS):
                await rollups.recompute(self.engine, rollup, span, revision, self.floors.settled)
        await gaps.recompute(self.engine, (mark.start_us for mark in due), revision)
        await marks.rolled(self.engine, Grain.HOUR, due)
        counters.SPANS_ROLLED.labels(Grain.HOUR).inc(len(due))
