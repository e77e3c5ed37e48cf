"""What billing still needs of usage, so that usage keeps it whatever its own policies say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.billing.store import charges as store
from fogbank.kernel.periods import month_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.usage.client import UsageClient


@dataclass(frozen=True, slots=True)
class NeedsService:
    """Knows which months no invoice is issued for."""

    database: Database
    usage: UsageClient
    clock: Clock

    async def needed_from(self) -> datetime:
        """The start of the oldest month (UTC) that an invoice may still be made of.

        That is the month before this one; or an older one, where usage moved that is not charged yet, or a charge is
        not the price of its totals, or not posted.
        """
        async with self.database.connection() as connection:
            cursor = await store.cursor(connection)
            unsettled = await store.oldest_unsettled(connection)
        moved = [total.month_start_at for total in (await self.usage.totals(cursor)).totals]
        before = month_of(month_of(self.clock()).start_at - timedelta.resolution).start_at
        return min([before, *([unsettled] if unsettled else []), *moved])
