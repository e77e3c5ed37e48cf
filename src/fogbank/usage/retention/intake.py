"""The intake: how readings are let into the store while retention takes others out, without losing or reviving any.

Two things may not happen: that a reading is written below a floor after the day was dropped, and that one is written
into a day between its copy and its replacement. So whoever writes readings does it within a batch. Floors are raised
first, and everything that was judged by lower ones is waited for; a day that is written anew is held, and batches that
touch it wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fogbank.usage.model import DAY_US
from fogbank.usage.retention.model import Floors, FloorsNow, PayerFloors
from fogbank.usage.rules import start_of


@dataclass(eq=False, slots=True)
class Batch:
    """Readings on their way into the store, judged by `floors`."""

    floors: PayerFloors
    intake: "Intake"
    days: frozenset[int] = frozenset()

    async def may_write(self, starts_us: Iterable[int]) -> None:
        """Wait until none of the days that these instants fall into is held. Before writing readings of them, once."""
        days = frozenset(start_of(start_us, DAY_US) for start_us in starts_us)
        await self.intake.until(lambda: not days & self.intake.held)
        self.days = days


@dataclass(slots=True)
class Intake:
    """Lets batches in. `now` is what they are judged by; `held` are the days that nobody may write into."""

    now: FloorsNow = field(default_factory=FloorsNow)
    held: set[int] = field(default_factory=set)
    _batches: set[Batch] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Batch]:
        """A batch, from before its readings are judged until they and their marks are stored. Not within another."""
        batch = Batch(self.now.taken.readings, self)
        self._batches.add(batch)
        try:
            yield batch
        finally:
            self._batches.discard(batch)
            self._tell()

    async def raise_to(self, floors: Floors) -> None:
        """Judge every batch from now on by these floors; returns when those judged by others are through."""
        self.now.taken = floors
        await self.until(lambda: all(batch.floors == floors.readings for batch in self._batches))

    @asynccontextmanager
    async def holding(self, day_us: int) -> AsyncIterator[None]:
        """Nothing is written into the day that starts then, neither by batches under way nor by later ones."""
        self.held.add(day_us)
        try:
            await self.until(lambda: not any(day_us in batch.days for batch in self._batches))
            yield
        finally:
            self.held.discard(day_us)
            self._tell()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until `is_so()`. It still is when this returns, up to the caller's next wait."""
        while not is_so():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
