"""Policies, set and shown. Setting one drops nothing by itself: the next run applies it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.usage.client.retention import (
    DataClass,
    PolicyToSet,
    PolicyView,
    ProposedPolicy,
    RetentionView,
    SizeView,
)
from fogbank.usage.errors import NotAllowed
from fogbank.usage.retention.model import DEFAULT, FloorsNow
from fogbank.usage.retention.rules import RECOMMENDED, require_order
from fogbank.usage.retention.views import floor_views, policy_view, stored_days, with_proposed
from fogbank.usage.store import partitions
from fogbank.usage.store import retention as store
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.retention import StoredPolicy

SUBJECT = "usage/retention"
SET, APPLY = "retention.set", "retention.apply"


@dataclass(frozen=True, slots=True)
class PolicyService:
    """Sets policies and shows them. The queue holds readings for `queue_days`."""

    engine: Engine
    now: FloorsNow
    activity: ActivityLog | None
    clock: Clock
    queue_days: int
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def view(self) -> RetentionView:
        """Every policy, floor and size."""
        stored = await store.policies(self.engine)
        return RetentionView(
            policies=[policy_view(policy) for policy in stored],
            floors=floor_views(self.now.taken),
            sizes=[await self._size(data_class) for data_class in DataClass],
            recommended=[ProposedPolicy(each, days or "forever") for (each, _), days in RECOMMENDED.days.items()],
        )

    async def set_policy(self, policy: PolicyToSet, actor_id: str) -> PolicyView:
        """Set a policy; `NotAllowed` where it cannot hold beside the others."""
        if policy.keep == "default" and policy.account_id is None:
            raise NotAllowed("keep", "must be days or 'forever' in the default itself")
        async with self._one_at_a_time:
            stored = await store.policies(self.engine)
            proposed = ProposedPolicy(policy.data_class, policy.keep, policy.account_id)
            require_order(with_proposed(store.policies_of(stored), [proposed], self.queue_days))
            before = next((each for each in stored if _key(each) == (policy.data_class, policy.account_id)), None)
            after = self._stored(policy, actor_id, stored)
            await self._record(before, after)
            await store.set_policy(self.engine, after)
        return policy_view(after)

    async def record_run(self, actor_id: str, reason: str) -> None:
        """Write that somebody has policies applied."""
        if self.activity is not None:
            id_ = f"{APPLY}:{microseconds_of(self.clock())}"
            await self.activity.record_activity(
                id_=id_, actor_id=actor_id, action=APPLY, subject=SUBJECT, reason=reason
            )

    def _stored(self, policy: PolicyToSet, actor_id: str, others: Sequence[StoredPolicy]) -> StoredPolicy:
        # Of policies set at one instant, or by a clock that was set back, the later one wins, and each is an act.
        set_us = max(microseconds_of(self.clock()), *(each.set_us + 1 for each in others), 0)
        account_id = policy.account_id or DEFAULT
        return StoredPolicy(policy.data_class, account_id, stored_days(policy.keep), actor_id, policy.reason, set_us)

    async def _record(self, before: StoredPolicy | None, after: StoredPolicy) -> None:
        if self.activity is None:
            return
        whose = f"{after.data_class}{f'/{after.account_id}' if after.account_id else ''}"
        await self.activity.record_activity(
            id_=f"{SET}:{after.set_us}",
            actor_id=after.set_by,
            action=SET,
            subject=f"{SUBJECT}/{whose}",
            reason=after.reason,
            before=None if before is None else {"keep": policy_view(before).keep},
            after={"keep": policy_view(after).keep},
        )

    async def _size(self, data_class: DataClass) -> SizeView:
        rows = size = 0
        starts_us = []
        for table in partitions.TABLES:
            if table.data_class is data_class:
                for partition, (count, its_bytes) in (await partitions.sizes(self.engine, table)).items():
                    rows, size = rows + count, size + its_bytes
                    starts_us.append(table.start_us(partition))
        return SizeView(data_class, rows, size, instant_of(min(starts_us)) if starts_us else None)


def _key(policy: StoredPolicy) -> tuple[DataClass, str | None]:
    return policy.data_class, policy.account_id or None
