"""Tiers: a copy of which instance is in which resource tier since when, kept up with what accounts say."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog

from fogbank.accounts.client import InstanceTiersView
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.problems import Problem
from fogbank.usage.store import tiers
from fogbank.usage.store.engine import Engine

PULL_SECONDS = 30.0

_log = structlog.get_logger(__name__)


class TierChanges(Protocol):
    """Who says which instance came into which tier: accounts."""

    async def tiers_changed(self, changed_since: int) -> InstanceTiersView:
        """The next changes after that cursor, oldest first."""


@dataclass(frozen=True, slots=True)
class Tiering:
    """Follows the changes. While accounts are away, what is known holds."""

    engine: Engine
    accounts: TierChanges

    async def run(self) -> None:
        """Pull every 30 s, for ever."""
        while True:
            try:
                await self.pull()
            except Problem as problem:
                _log.info("tiers are as they were", reason=str(problem))
            await asyncio.sleep(PULL_SECONDS)

    async def pull(self) -> None:
        """Take every change that was made since the last that is kept. Safe to repeat at any point."""
        cursor = await tiers.last_change(self.engine)
        while (page := await self.accounts.tiers_changed(cursor)).changes:
            await tiers.write(
                self.engine,
                [(each.instance_id, microseconds_of(each.since), each.tier, each.change) for each in page.changes],
            )
            cursor = page.cursor
