"""Sends the signals of standings until the queue has them. A crash loses none; their ids make a second one the same."""

import asyncio
from dataclasses import dataclass

from fogbank.accounts.organizations.standing import store
from fogbank.accounts.organizations.standing.model import StandingChange
from fogbank.accounts.organizations.standing.rules import SIGNALS
from fogbank.events.signals import Signal
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database

AT_ONCE = 100
LOOK_EVERY_SECONDS = 2.0
"""Standings change rarely, in whichever process; to look is one row of an index."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Sends what is written. Safe to run in several processes at once."""

    database: Database
    queue: QueueClient
    clock: Clock

    async def run(self) -> None:
        """Send what there is, and look again, for ever; `QueueUnavailable` ends it, to be run again."""
        while True:
            await self.send()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def send(self) -> int:
        """Send all that wait, the oldest first; how many there were."""
        sent = 0
        while True:
            async with self.database.connection() as connection:
                changes = await store.untold(connection, AT_ONCE)
            if not changes:
                return sent
            for change in changes:  # in their order: what an account is now is said last
                await self.queue.signal(signal_of(change))
            async with self.database.connection() as connection:
                await store.mark_told(connection, [change.change for change in changes], self.clock())
            sent += len(changes)


def signal_of(change: StandingChange) -> Signal:
    """What is told of a change. The reason is not: it is the administrator's, and in the activity log."""
    signal_type = SIGNALS[change.status]
    return Signal(
        type=signal_type,
        id=f"{signal_type}:{change.account_id}:{change.change}",
        occurred_at=change.at.isoformat(),
        account_id=change.account_id,
        data={"kind": change.kind.value, "before": change.before.value, "change": str(change.change)},
    )
