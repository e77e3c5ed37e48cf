"""Retention, applied: what policies would drop is told, and what they say is done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.usage.client.retention import ProposedPolicy, RetentionChange
from fogbank.usage.retention.dropping import Dropping
from fogbank.usage.retention.model import Policies
from fogbank.usage.retention.needs import Needs
from fogbank.usage.retention.rules import due, raised, require_order
from fogbank.usage.retention.settling import Settling
from fogbank.usage.retention.views import NOTHING_CHANGES, change_of, with_proposed
from fogbank.usage.store import retention as store

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetentionService:
    """Previews and applies, one run at a time."""

    settling: Settling
    dropping: Dropping
    needs: Needs
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def preview(self, proposed: Sequence[ProposedPolicy], *, thorough: bool) -> RetentionChange:
        """What a run would drop now, with these policies on top of those that are set. Changes nothing.

        `NotAllowed` where a proposed one cannot hold; `NeedUnknown` or `Problem` where billing does not say what it
        needs.
        """
        policies = with_proposed(await self._policies(), proposed, self.needs.queue_days)
        require_order(policies)
        if self._is_idle(policies):
            return NOTHING_CHANGES
        needed = await self.needs.needed()
        floors = raised(self.settling.now.taken, policies, microseconds_of(self.clock()), needed)
        planned = await self.dropping.planned(due(floors, needed.from_us), thorough=thorough)
        return change_of(needed.from_us, floors, planned)

    async def apply(self, *, thorough: bool) -> RetentionChange:
        """Raise the floors to what the policies say now, and drop what is below them; what was dropped.

        Safe to interrupt anywhere and to do again: the end is the same. Nothing is dropped where billing does not say
        what it needs (`NeedUnknown`, `Problem`), or readings cannot be rolled up first (`NotAtRest`).
        """
        async with self._one_at_a_time:
            policies = await self._policies()
            if self._is_idle(policies):
                return NOTHING_CHANGES
            needed = await self.needs.needed()
            floors = raised(self.settling.now.taken, policies, microseconds_of(self.clock()), needed)
            await self.settling.settle(floors)
            dropped = await self.dropping.drop(due(floors, needed.from_us), thorough=thorough)
            change = change_of(needed.from_us, floors, dropped)
            for of_class in change.classes:
                _log.info("retention_dropped", what=str(of_class.data_class), rows=of_class.rows, bytes=of_class.bytes)
            return change

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """No run begins while this lasts, and none is under way."""
        async with self._one_at_a_time:
            yield

    async def _policies(self) -> Policies:
        return store.policies_of(await store.policies(self.settling.engine))

    def _is_idle(self, policies: Policies) -> bool:
        """Whether nothing is to go, and nothing was left half done."""
        return policies.drop_nothing and not self.settling.now.taken.highest_us
