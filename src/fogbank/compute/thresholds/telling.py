"""Sends the signals of crossings until the queue has them. A crash loses none; their ids make a second one the same."""

import asyncio
from dataclasses import dataclass

from fogbank.compute.thresholds.store import telling as store
from fogbank.events.signals import Signal
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.waiting import until_set

SIGNALS_AT_ONCE = 100
LOOK_EVERY_SECONDS = 10.0
"""Signals that another process wrote, or that an earlier one left, wait no longer."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Sends what is written. Safe to run in several processes at once."""

    database: Database
    queue: QueueClient
    waiting: asyncio.Event
    clock: Clock

    async def run(self) -> None:
        """Send what there is whenever there is something, for ever; `QueueUnavailable` ends it, to be run again."""
        while True:
            self.waiting.clear()
            await self.send()
            await until_set(self.waiting, LOOK_EVERY_SECONDS)

    async def send(self) -> int:
        """Send all that wait, the oldest first; how many there were."""
        sent = 0
        while True:
            async with self.database.connection() as connection:
                signals = await store.unsent(connection, SIGNALS_AT_ONCE)
            if not signals:
                return sent
            await self._send_all(signals)
            async with self.database.connection() as connection:
                await store.mark_sent(connection, [each.id for each in signals], self.clock())
            sent += len(signals)

    async def _send_all(self, signals: list[Signal]) -> None:
        await asyncio.gather(*(self.queue.signal(each) for each in signals))
