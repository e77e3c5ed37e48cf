"""What pages need to know, asked of all components at once, each as the person who looks.

Whoever does not answer is `Missing`, alone: the rest of the page does not wait for it and does not fail with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from fogbank.accounts.client import AccountsClient, InstanceView
from fogbank.accounts.ledger.client import BalanceView, LedgerClient
from fogbank.billing.client import BillingClient, CostsView, SpendView
from fogbank.compute.client import INSTANCES_MAX, Activity, ComputeClient, CurrentUsage, ThresholdsClient
from fogbank.kernel.periods import month_of
from fogbank.notifications.client import NotificationsClient, UnreadView, WebhooksClient
from fogbank.portal.model import Bucket, Grouping, Range
from fogbank.portal.views.instances import TREND_DAYS
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.shell import AccountChoice
from fogbank.runtime.problems import Problem
from fogbank.usage.client import History, HistoryRow, UsageClient

T = TypeVar("T")

PATIENCE_SECONDS = 1.0
"""How long the page waits for a component; then it shows without, and its part asks again by itself."""

PART_PATIENCE_SECONDS = 10.0

BALANCE_DAYS = 30
RATE_HOURS = 24
UNAUTHORIZED = 401
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class FigureFacts:
    """For the cards and the banner. `days` and `hours` are costs: of this month by day, of the last day by hour."""

    balance: BalanceView | Missing
    balances: Sequence[tuple[datetime, str]] | Missing
    spend: SpendView | Missing
    days: CostsView | Missing
    hours: CostsView | Missing


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """For the chart: costs of its range, by meter and by instance, and what people call their instances."""

    by_meter: CostsView | Missing
    by_instance: CostsView | Missing
    instances: Sequence[InstanceView] | Missing


@dataclass(frozen=True, slots=True)
class InstanceTableFacts:
    """For the table: who there is, who reports, how long each ran this month, and costs by day."""

    instances: Sequence[InstanceView] | Missing
    current: CurrentUsage | Missing
    seconds: Sequence[HistoryRow] | Missing
    days: CostsView | Missing


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """For the stream."""

    balance: BalanceView | Missing
    spend: SpendView | Missing
    current: CurrentUsage | Missing
    activity: Activity | Missing


@dataclass(frozen=True, slots=True)
class Desk:
    """All clients, acting as one person who looks at one account, now. What several parts need is asked once."""

    account: AccountChoice
    now: datetime
    accounts: AccountsClient
    ledger: LedgerClient
    usage: UsageClient
    billing: BillingClient
    compute: ComputeClient
    thresholds: ThresholdsClient
    notifications: NotificationsClient
    webhooks: WebhooksClient
    patience_seconds: float
    _asked: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    @property
    def month_start(self) -> datetime:
        """Billing's month, which follows the calendar of UTC."""
        return month_of(self.now).start_at

    async def figures(self) -> FigureFacts:
        hours_since = self.now - timedelta(hours=RATE_HOURS)
        balance, balances, spend, days, hours = await asyncio.gather(
            self.answer("The ledger", self.ledger.balance(self.account.id)),
            self.answer("The ledger", self.ledger.balance_history(self.account.id, BALANCE_DAYS)),
            self.answer("Billing", self.billing.spend(self.account.id)),
            self._days(),
            self.answer("Billing", self.billing.costs(self.account.id, hours_since, self.now, "hour", "meter")),
        )
        return FigureFacts(balance, balances, spend, days, hours)

    async def chart(self, span: Range, buckets: Sequence[Bucket], timezone: str) -> ChartFacts:
        by_meter, by_instance, instances = await asyncio.gather(
            self.answer("Billing", self.costs(span, buckets, Grouping.METER, timezone)),
            self.answer("Billing", self.costs(span, buckets, Grouping.INSTANCE, timezone)),
            self.instances(),
        )
        return ChartFacts(by_meter, by_instance, instances)

    async def costs(self, span: Range, buckets: Sequence[Bucket], by: Grouping, timezone: str) -> CostsView:
        """Costs from the first bucket's start to the last one's end; raises `Problem`."""
        first, last = buckets[0].start_at, buckets[-1].end_at
        return await self.billing.costs(self.account.id, first, last, span.interval, by.value, timezone=timezone)

    async def instance_table(self) -> InstanceTableFacts:
        instances, current, seconds, days = await asyncio.gather(
            self.instances(),
            self.answer("Compute", self._current()),
            self.answer("Usage", self._seconds_by_instance()),
            self._days(),
        )
        return InstanceTableFacts(instances, current, seconds, days)

    async def live(self) -> LiveFacts:
        balance, spend, current, activity = await asyncio.gather(
            self.answer("The ledger", self.ledger.balance(self.account.id)),
            self.answer("Billing", self.billing.spend(self.account.id)),
            self.answer("Compute", self._current(instances_max=1)),
            self.answer("Compute", self.compute.activity()),
        )
        return LiveFacts(balance, spend, current, activity)

    async def unread(self) -> UnreadView | Missing:
        """How many notices are unread. No page fails for its bell, unless the session itself has ended."""
        return await self._once("unread", self._unread)

    async def _unread(self) -> UnreadView | Missing:
        try:
            return await self.answer("Notifications", self.notifications.unread())
        except Problem as problem:
            if problem.status == UNAUTHORIZED:
                raise
            return Missing("Notifications", is_late=False)

    async def _current(self, instances_max: int = INSTANCES_MAX) -> CurrentUsage:
        if self.account.is_organization:
            return await self.compute.organization_current(self.account.id, limit=instances_max)
        return await self.compute.user_current(self.account.id, limit=instances_max)

    async def _seconds_by_instance(self) -> list[HistoryRow]:
        rows: list[HistoryRow] = []
        cursor: str | None = None
        while True:
            page: History = await self.usage.history(
                self.account.usage_kind,
                self.account.id,
                from_at=self.month_start,
                to_at=self.now,
                interval="month",
                group_by=("instance",),
                cursor=cursor,
            )
            rows += page.rows
            cursor = page.next_cursor
            if cursor is None:
                return rows

    async def instances(self) -> Sequence[InstanceView] | Missing:
        asked = partial(self.accounts.instances, self.account.id)
        return await self._once("instances", lambda: self.answer("Accounts", asked()))

    async def _days(self) -> CostsView | Missing:
        """Costs by day of UTC and by instance: of this month, and at least of the days that a trend shows."""
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        since = min(self.month_start, today - timedelta(days=TREND_DAYS))
        asked = partial(self.billing.costs, self.account.id, since, self.now, "day", "instance")
        return await self._once("days", lambda: self.answer("Billing", asked()))

    async def _once(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `ask` answers, asked by whoever comes first."""
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(ask())
        answer: T = await self._asked[name]
        return answer

    async def answer(self, component: str, asked: Awaitable[T]) -> T | Missing:
        """What was asked for; `Missing` when it takes too long or the component is in trouble."""
        try:
            async with asyncio.timeout(self.patience_seconds):
                return await asked
        except TimeoutError:
            return Missing(component, is_late=self.patience_seconds < PART_PATIENCE_SECONDS)
        except Problem as problem:
            if problem.status < SERVER_ERROR:
                raise
            return Missing(component, is_late=False)
