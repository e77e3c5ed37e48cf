"""Conflicts: found by counting what came in against what is stored, and shown with both contents.

Merges drop the reading that lost. But every batch says how many readings it brought into each window, and a rolled up
window says how many it has. Where both agree there is nothing to look for, and that is all that the normal path costs.
Where they do not, the batches whose own readings are not all stored are read from the queue again, and compared.
"""

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from fogbank.queue.client import QueueClient
from fogbank.queue.ranges import read_range
from fogbank.queue.subjects import USAGE_STREAM
from fogbank.usage import counters
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.mending.model import Run
from fogbank.usage.mending.rules import Winners, explained, joined, unexplained
from fogbank.usage.model import Grain
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import batches, conflicts, marks
from fogbank.usage.store.engine import Engine

WINDOWS_AT_ONCE = 288
DAY_SECONDS = 86_400
OTHERS_SECONDS = 900
"""How far back to look for what other workers stored, each time: they do not tell."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Looks for conflicts in the windows that came to rest. `waiting` are those to look at."""

    queue: QueueClient
    engine: Engine
    ingestion: Ingestion
    stamps: Stamps
    interval_seconds: float
    waiting: set[int] = field(default_factory=set)

    async def run(self) -> None:
        """Look every `interval_seconds`, for ever; first at what a killed process may not have looked at."""
        self.waiting.update(await batches.recent_windows(self.engine, DAY_SECONDS))
        while True:
            await self.look()
            await asyncio.sleep(self.interval_seconds)

    async def look(self) -> None:
        """Look at every window that readings came into and that is rolled up since."""
        self.waiting.update(self.ingestion.touched)
        self.ingestion.touched.clear()
        if self.ingestion.share.workers > 1:
            self.waiting.update(await batches.recent_windows(self.engine, OTHERS_SECONDS))
        windows = sorted(self.waiting)
        for first in range(0, len(windows), WINDOWS_AT_ONCE):
            some = windows[first : first + WINDOWS_AT_ONCE]
            self.waiting.difference_update(await self._look_at(some))

    async def _look_at(self, windows: Collection[int]) -> set[int]:
        """Look at those of the windows that are at rest; which they were.

        The order matters: what a batch that is seen here brought is rolled up once its window is seen at rest.
        """
        runs = await batches.of_windows(self.engine, windows)
        moving = {mark.start_us for mark in await marks.dirty(self.engine, Grain.WINDOW)}
        at_rest = set(windows) - moving
        counted = await batches.counted(self.engine, at_rest)
        suspects = {start_us for start_us in at_rest if unexplained(runs[start_us], counted.get(start_us, 0))}
        if suspects:
            await self._examine({start_us: runs[start_us] for start_us in suspects})
        return at_rest

    async def _examine(self, runs: dict[int, list[Run]]) -> None:
        news = [
            run
            for start_us, its in runs.items()
            for run in explained(start_us, its, Winners(await batches.winners(self.engine, start_us)))
        ]
        lost = [run for run in news if run.last_sequence and run.superseded]
        for first, last in joined(lost):
            await self._compare(first, last, {run.start_us for run in lost if first <= run.first_sequence <= last})
        # Only now: a kill before repeats the comparison, which finds the same.
        await batches.write(self.engine, news, self.stamps.take())

    async def _compare(self, first: int, last: int, windows: Collection[int]) -> None:
        """Read these messages again, and write down what in these windows differs from what is stored."""
        async with aclosing(read_range(self.queue.connection, USAGE_STREAM, first, last)) as handfuls:
            async for messages in handfuls:
                while messages:
                    reading = await self.ingestion.readers.read(messages)
                    if reading.file is not None:
                        try:
                            await self._scratched(reading.file, windows)
                        finally:
                            reading.file.unlink()
                    messages = messages[reading.messages :]  # noqa: PLW2901 - what is left of them

    async def _scratched(self, file: Path, windows: Collection[int]) -> None:
        await self.engine.command(conflicts.DROP_SCRATCH)
        await self.engine.command(conflicts.MAKE_SCRATCH)
        try:
            await self.engine.insert(conflicts.SCRATCH, file)
            counters.CONFLICTS_FOUND.inc(await conflicts.find(self.engine, windows, self.stamps.take()))
        finally:
            await self.engine.command(conflicts.DROP_SCRATCH)
