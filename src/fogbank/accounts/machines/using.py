"""When keys were last used: written by the minute, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.accounts.machines import key_store
from fogbank.runtime.database import Database
from fogbank.runtime.key_uses import KeyUse
from fogbank.runtime.tenancy import seeing_every_tenant


@dataclass(frozen=True, slots=True)
class Uses:
    """Writes what was noted in memory."""

    database: Database

    async def write(self, uses: Sequence[KeyUse]) -> None:
        """Note the uses that are later than those noted."""
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                await key_store.write_uses(tx, uses)
