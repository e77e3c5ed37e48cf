"""Credit watch: tell once, by signal, when an account's credit runs low, is used up, or is well again.

A crossing and its signal are written in one transaction, and the signal is sent from there until the queue has it: a
crash loses none, and its id, made of account and crossing, makes a second one the same.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.billing.model import CreditState
from fogbank.billing.rules.credit import check_again_at, signal_for
from fogbank.billing.service.burning import Burn
from fogbank.billing.service.spending import Credit, SpendingService
from fogbank.billing.store import credit as store
from fogbank.billing.store.credit import WatchedCredit
from fogbank.events.signals import Signal, SignalType
from fogbank.kernel.money import credits_from_micros
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database

ACCOUNTS_PER_PASS = 2_000
SIGNALS_PER_PASS = 1_000


@dataclass(frozen=True, slots=True)
class CreditWatch:
    """Looks at the accounts whose time has come. Safe to run in several processes at once."""

    database: Database
    spending: SpendingService
    queue: QueueClient
    clock: Clock

    async def look(self) -> int:
        """Note what crossed and send the signals; how many were sent."""
        async with self.database.connection() as connection:
            waiting = await store.to_check(connection, self.clock(), ACCOUNTS_PER_PASS)
        for watched in waiting:
            await self._look_at(watched)
        return await self._send()

    async def _look_at(self, watched: WatchedCredit) -> None:
        now = self.clock()
        burn = await self.spending.burning.of(watched.account_id, now)
        credit = await self.spending.credit(watched.account_id, burn, watched.state)
        signal_type = signal_for(watched.state, credit.state)
        crossings = watched.crossings + (signal_type is not None)
        after = WatchedCredit(watched.account_id, credit.state, crossings)
        async with self.database.transaction() as tx:
            check_at = check_again_at(now, credit.state, credit.runway_seconds)
            if await store.update(tx, watched, after, check_at) and signal_type is not None:
                await store.add_signal(tx, signal_of(signal_type, after, credit, burn, now))

    async def _send(self) -> int:
        async with self.database.connection() as connection:
            signals = await store.unsent(connection, SIGNALS_PER_PASS)
            for signal in signals:
                await self.queue.signal(signal)
                await store.mark_sent(connection, signal.id, self.clock())
        return len(signals)


def signal_of(signal_type: SignalType, after: WatchedCredit, credit: Credit, burn: Burn, now: datetime) -> Signal:
    """What is told of a crossing: the credit, what is spent, and how long that goes on."""
    per_hour = sum(each.per_hour_micros for each in burn.meters.values())
    data = {"state": after.state.value, "available": credit.available, "per_hour": credits_from_micros(per_hour)}
    runs_out_at = credit.runs_out_at(now)
    if credit.state is not CreditState.OK and runs_out_at is not None:
        data |= {"runway_seconds": str(credit.runway_seconds), "runs_out_at": runs_out_at.isoformat()}
    return Signal(
        type=signal_type,
        id=f"{signal_type}:{after.account_id}:{after.crossings}",
        occurred_at=now.isoformat(),
        account_id=after.account_id,
        data=data,
    )
