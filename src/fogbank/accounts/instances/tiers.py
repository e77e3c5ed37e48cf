"""Resource tiers: what kind of machine an instance is, since when, as administrators say."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity.model import Act
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.instances import store as instance_store
from fogbank.accounts.instances import tier_store
from fogbank.accounts.model import Instance, TierChange
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Tiers:
    """Puts instances into tiers, and tells who follows."""

    database: Database
    clock: Clock
    activity: ActivityLog

    async def put(self, caller: Caller, instance_id: str, tier: str, reason: str) -> Instance:
        """Put an instance into a tier from now on; where it is in it already, nothing changes. In the activity log."""
        async with self.database.transaction() as tx:
            await tier_store.one_writer(tx)
            found = await instance_store.instance(tx, instance_id)
            if found is None:
                raise NotVisible("instance", instance_id)
            if found.tier == tier:
                return found
            changed = await tier_store.change_tier(tx, instance_id, tier, self.clock())
            await self.activity.record_in(
                tx,
                Act(
                    id=f"instance-tier-{changed.change}",
                    actor_id=caller.id,
                    action="instance.tier",
                    subject=f"instance:{instance_id}",
                    reason=reason,
                    before={"tier": found.tier},
                    after={"tier": tier, "since": changed.since.isoformat()},
                ),
            )
            return replace(found, tier=tier)

    async def changes(self, changed_since: int, limit: int) -> list[TierChange]:
        """The changes after that number, oldest first, at most `limit`."""
        async with self.database.connection() as connection:
            return await tier_store.changes_after(connection, changed_since, limit)
