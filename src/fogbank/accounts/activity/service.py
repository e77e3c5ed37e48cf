"""The activity log, in the words of the domain: record an act that a service tells, and walk the chain."""

from dataclasses import dataclass

from fogbank.accounts.activity import store, writing
from fogbank.accounts.activity.chain import Walk
from fogbank.accounts.activity.model import Act, Entry
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

WALKED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class ActivityLog:
    """Records acts, one after the other, each chained to the one before."""

    database: Database
    clock: Clock

    async def record_once(self, act: Act) -> Entry:
        """Write the act, on disk when this returns. The same again is the same entry; other content is `ActDiffers`."""
        async with self.database.transaction() as tx:
            return await self.record_in(tx, act)

    async def record_in(self, tx: Connection, act: Act) -> Entry:
        """The same, in the caller's transaction: the act is in the log exactly if the rest of it is done."""
        return await writing.append_once(tx, act, self.clock())

    async def walk(self) -> Walk:
        """Hash every entry anew, and compare. Acts that are written meanwhile are walked too, as far as it comes."""
        walk = Walk()
        async with self.database.connection() as connection:
            while page := await store.in_order(connection, walk.entries, WALKED_AT_ONCE):
                walk.over(page)
        return walk
