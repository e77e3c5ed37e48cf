"""The audit's figures: readings accepted, stored and rolled up, each counted on its own way.

What retention took is in none of them: each payer's places are compared as far back as all of them go.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fogbank.queue.client import QueueClient
from fogbank.usage.client import AccountFigures, UsageFigures
from fogbank.usage.ingesting.ingestion import CONSUMER
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.model import Grain
from fogbank.usage.retention.model import FloorsNow
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import quantity_texts
from fogbank.usage.store import figures, marks
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import METERS

ATTEMPTS_MAX = 5
"""How often figures are taken again because readings came in meanwhile."""


@dataclass(frozen=True, slots=True)
class Auditing:
    """Takes the figures, one audit at a time."""

    queue: QueueClient
    engine: Engine
    readers: Readers
    rolling: Rolling
    floors: FloorsNow = field(default_factory=FloorsNow)
    workers: int = 1
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def figures(self) -> UsageFigures:
        """All figures as of one moment where the flow has one to spare, else of the last attempt."""
        async with self._one_at_a_time:
            accepted, matching = await self._accepted_again()
            for _ in range(ATTEMPTS_MAX):
                await self.rolling.roll_up()
                before = await marks.last_mark(self.engine)
                taken = await self._added_up(accepted, matching)
                if await marks.last_mark(self.engine) == before:
                    break
            return taken

    async def _accepted_again(self) -> tuple[int, int]:
        """Decode what the queue holds into a scratch table, and compare it with the store, reading by reading."""
        await self.engine.command(figures.DROP_SCRATCH)
        await self.engine.command(figures.MAKE_SCRATCH)
        try:
            async for messages in self.queue.replay_usage():
                while messages:
                    reading = await self.readers.read(messages, self.floors.taken.readings)
                    if reading.file is not None:
                        await self.engine.insert(figures.SCRATCH, reading.file)
                        reading.file.unlink()
                    messages = messages[reading.messages :]  # noqa: PLW2901 - what is left of them
            return await figures.accepted_and_stored(self.engine)
        finally:
            await self.engine.command(figures.DROP_SCRATCH)

    async def _added_up(self, accepted: int, matching: int) -> UsageFigures:
        floors = self.floors.taken
        dirty_hours = [mark.start_us for mark in await marks.dirty(self.engine, Grain.HOUR)]
        stored = await figures.by_account(self.engine, figures.STORED, floors)
        windows = await figures.by_account(self.engine, figures.WINDOWS, floors)
        days = await figures.by_account(self.engine, figures.DAYS, floors)
        hours = await figures.by_account(self.engine, figures.HOURS, floors, dirty_hours)
        return UsageFigures(
            accepted_events=accepted,
            accepted_stored=matching,
            stored_events=_events(stored),
            window_events=_events(windows),
            hour_events=_events(hours),
            pending_messages=await self.queue.usage_pending(CONSUMER, self.workers),
            dirty_windows=len(await marks.dirty(self.engine, Grain.WINDOW)),
            accounts=[
                AccountFigures(
                    account_id=account_id,
                    stored=_quantities(stored, account_id),
                    windows=_quantities(windows, account_id),
                    days=_quantities(days, account_id),
                    hours=_quantities(hours, account_id),
                    used=_quantities(days, account_id, 3),
                    older_windows=_quantities(windows, account_id, 1),
                    days_of_older_windows=_quantities(days, account_id, 1),
                    older_hours=_quantities(hours, account_id, 1),
                    days_of_older_hours=_quantities(days, account_id, 2),
                )
                for account_id in sorted({*stored, *windows, *days, *hours})
            ],
        )


Figures = Mapping[str, Sequence[Row]]
"""Of each payer, the parts of a place (`store.figures.Place`)."""


def _events(place: Figures) -> int:
    return sum(parts[0][0] for parts in place.values())


def _quantities(place: Figures, account_id: str, part: int = 0) -> dict[str, str]:
    sums = place[account_id][part][1:] if account_id in place else [0] * len(METERS)
    return quantity_texts(METERS, sums)
