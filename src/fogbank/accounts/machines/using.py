"""When keys were last used: written by the minute, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fogbank.accounts.machines import key_store
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.key_uses import KeyUse
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import seeing_every_tenant

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Uses:
    """Writes what was noted in memory."""

    database: Database
    clock: Clock

    async def write(self, uses: Sequence[KeyUse]) -> None:
        """Note the uses that are later than those noted; none is later than now, whatever another's clock says."""
        now = self.clock()
        written = [replace(use, at=max(min(use.at, now), LONG_AGO).astimezone(UTC)) for use in uses]
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                await key_store.write_uses(tx, written)
