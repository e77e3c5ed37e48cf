"""The activity log, in the words of the domain: record an act, read acts, walk the chain."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity import store
from fogbank.accounts.activity.chain import Walk, entry_hash
from fogbank.accounts.activity.errors import ActDiffers
from fogbank.accounts.activity.model import Act, Entry, Wanted
from fogbank.accounts.ledger.chain import GENESIS
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
        await store.one_writer(tx)
        before, after = await store.texts_of(tx, act.before, act.after)
        found = await store.by_id(tx, act.id)
        if found is None:
            entry = await self._next(tx, act, before, after)
            await store.insert(tx, entry)
            return entry
        said = (found.actor_id, found.action, found.subject, found.reason, found.before, found.after)
        if said != (act.actor_id, act.action, act.subject, act.reason, before, after):
            raise ActDiffers(act.id)
        return found

    async def _next(self, tx: Connection, act: Act, before: str | None, after: str | None) -> Entry:
        last = await store.last(tx)
        entry = Entry(
            number=1 if last is None else last.number + 1,
            at=self.clock(),
            id=act.id,
            actor_id=act.actor_id,
            action=act.action,
            subject=act.subject,
            reason=act.reason,
            before=before,
            after=after,
            previous_hash=GENESIS if last is None else last.hash,
            hash=b"",
        )
        return replace(entry, hash=entry_hash(entry))

    async def entries(self, wanted: Wanted, below: int, limit: int) -> list[Entry]:
        """The wanted entries below number `below`, newest first, at most `limit`."""
        async with self.database.connection() as connection:
            return await store.newest_first(connection, wanted, below, limit)

    async def walk(self) -> Walk:
        """Hash every entry anew, and compare. Acts that are written meanwhile are walked too, as far as it comes."""
        walk = Walk()
        async with self.database.connection() as connection:
            while page := await store.in_order(connection, walk.entries, WALKED_AT_ONCE):
                walk.over(page)
        return walk
