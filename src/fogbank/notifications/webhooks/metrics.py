"""The current usage, posted to every webhook that wants it at every interval. What is obsolete is dropped first."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from fogbank.accounts.client import NotServed
from fogbank.compute.client import INSTANCES_USUAL, ComputeClient, CurrentUsage, InstanceCurrent
from fogbank.kernel.ids import payer_of
from fogbank.notifications.webhooks.model import METRICS, Post, Webhook
from fogbank.notifications.webhooks.payloads import metrics_payload, totals_of
from fogbank.notifications.webhooks.queueing import Queueing
from fogbank.notifications.webhooks.store import sending, webhooks
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem

PAGES_MAX = 20
"""An account with more instances than these pages hold reads the rest from the API."""
AT_ONCE = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Asks compute, as a service, and shows each webhook only what its own account pays for.

    Webhooks of accounts that are suspended or closed pause: they get nothing until their account is served again.
    """

    database: Database
    queueing: Queueing
    compute: ComputeClient
    interval_seconds: int
    not_served: NotServed = field(default_factory=NotServed)

    async def run(self) -> None:
        """A round at each multiple of the interval, for ever; a round that takes longer skips those that it misses."""
        while True:
            now = self.queueing.clock()
            tick = next_tick(now, self.interval_seconds)
            await asyncio.sleep((tick - now).total_seconds())
            await self.round(tick)

    async def round(self, tick: datetime) -> None:
        """Write the posts of one tick; the same tick again writes nothing."""
        async with self.database.transaction() as tx:
            await sending.drop_obsolete(tx, self.queueing.clock())
        async with self.database.connection() as connection:
            found = await webhooks.for_metrics(connection)
        await self.not_served.follow()
        wanting = [webhook for webhook in found if self.not_served.is_served(webhook.account_id)]
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(webhook: Webhook) -> None:
            async with limit:
                await self._write(webhook, tick)

        async with asyncio.TaskGroup() as asking:
            for webhook in wanting:
                asking.create_task(one(webhook))

    async def _write(self, webhook: Webhook, tick: datetime) -> None:
        try:
            posts = self._posts(webhook, tick, await self._instances(webhook))
        except Problem as problem:
            if problem.status != 404:  # noqa: PLR2004
                log.warning("no current usage for a webhook", webhook_id=webhook.id, reason=problem.detail)
            return
        async with self.database.transaction() as tx:
            if await webhooks.webhook(tx, webhook.id, is_locked=True) is not None:
                await self.queueing.write_once(tx, posts)

    async def _instances(self, webhook: Webhook) -> Sequence[InstanceCurrent]:
        """What the webhook's account pays for, of at most 20,000 instances."""
        found: list[InstanceCurrent] = []
        after: str | None = None
        for _ in range(PAGES_MAX):
            usage = await self._page(webhook, after)
            found += usage.instances
            after = usage.next_cursor
            if after is None:
                break
        return [each for each in found if payer_of(each.user_id, each.org_id) == webhook.account_id]

    async def _page(self, webhook: Webhook, after: str | None) -> CurrentUsage:
        if webhook.instance_id is not None:
            return await self.compute.instance_current(webhook.instance_id)
        if webhook.org_id is not None:
            return await self.compute.organization_current(webhook.org_id, after=after)
        return await self.compute.user_current(webhook.account_id, after=after)

    def _posts(self, webhook: Webhook, tick: datetime, instances: Sequence[InstanceCurrent]) -> Sequence[Post]:
        """One post for each thousand instances, all of which say how many pages there are and the totals of all."""
        if webhook.instance_id is not None and not instances:
            # Somebody else's instance is as one that does not exist.
            return []
        totals, lasting = totals_of(instances), timedelta(seconds=self.interval_seconds)
        starts = range(0, max(len(instances), 1), INSTANCES_USUAL)
        return [
            self.queueing.post(
                webhook,
                METRICS,
                f"metrics:{tick.isoformat()}:{page}",
                metrics_payload(
                    webhook,
                    tick,
                    instances[start : start + INSTANCES_USUAL],
                    page=page,
                    pages=len(starts),
                    totals=totals,
                ),
                lasting,
            )
            for page, start in enumerate(starts, 1)
        ]


def next_tick(now: datetime, interval_seconds: int) -> datetime:
    """The first multiple of the interval after `now`, counted from 1970."""
    return datetime.fromtimestamp((int(now.timestamp()) // interval_seconds + 1) * interval_seconds, UTC)
