"""What the Usage page needs to know, asked of all components at once, each as the person who looks.

Whoever does not answer is `Missing`, alone: the rest of the page does not wait for it and does not fail with it.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from fogbank.accounts.client import AccountsClient, InstanceView
from fogbank.accounts.ledger.client import BalanceView, LedgerClient
from fogbank.billing.client import BillingClient, CostsView, SpendView
from fogbank.compute.client import INSTANCES_MAX, Activity, ComputeClient, CurrentUsage
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
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class FigureFacts:
    """For the cards and the banner. `hours` are the costs of the last day by hour."""

    balance: BalanceView | Missing
    balances: Sequence[tuple[datetime, str]] | Missing
    spend: SpendView | Missing
    hours: CostsView | Missing


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """For the chart: costs of its range, by meter and by instance."""

    by_meter: CostsView | Missing
    by_instance: CostsView | Missing


@dataclass(frozen=True, slots=True)
class InstanceTableFacts:
    """For the table: who there is, who reports, and how long each ran this month."""

    instances: Sequence[InstanceView] | Missing
    current: CurrentUsage | Missing
    seconds: Sequence[HistoryRow] | Missing


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """For the stream."""

    balance: BalanceView | Missing
    spend: SpendView | Missing
    current: CurrentUsage | Missing
    activity: Activity | Missing


@dataclass(frozen=True, slots=True)
class Desk:
    """All clients, acting as one person, looking at one account."""

    account: AccountChoice
    accounts: AccountsClient
    ledger: LedgerClient
    usage: UsageClient
    billing: BillingClient
    compute: ComputeClient
    patience_seconds: float

    async def figures(self, now: datetime) -> FigureFacts:
        day_ago = now - timedelta(hours=RATE_HOURS)
        balance, balances, spend, hours = await asyncio.gather(
            self._answer("The ledger", self.ledger.balance(self.account.id)),
            self._answer("The ledger", self.ledger.balance_history(self.account.id, BALANCE_DAYS)),
            self._answer("Billing", self.billing.spend(self.account.id)),
            self._answer("Billing", self.billing.costs(self.account.id, day_ago, now, "hour", "meter")),
        )
        return FigureFacts(balance, balances, spend, hours)

    async def days(self, now: datetime, month_start: datetime) -> CostsView | Missing:
        """Costs by day and instance, of this month and at least of the days that a trend shows; days are of UTC."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        since = min(month_start, today - timedelta(days=TREND_DAYS))
        return await self._answer("Billing", self.billing.costs(self.account.id, since, now, "day", "instance"))

    async def chart(self, span: Range, buckets: Sequence[Bucket], timezone: str) -> ChartFacts:
        by_meter, by_instance = await asyncio.gather(
            self._answer("Billing", self.costs(span, buckets, Grouping.METER, timezone)),
            self._answer("Billing", self.costs(span, buckets, Grouping.INSTANCE, timezone)),
        )
        return ChartFacts(by_meter, by_instance)

    async def costs(self, span: Range, buckets: Sequence[Bucket], by: Grouping, timezone: str) -> CostsView:
        """Costs from the first bucket's start to the last one's end; raises `Problem`."""
        first, last = buckets[0].start_at, buckets[-1].end_at
        return await self.billing.costs(self.account.id, first, last, span.interval, by.value, timezone=timezone)

    async def instance_table(self, now: datetime, month_start: datetime) -> InstanceTableFacts:
        instances, current, seconds = await asyncio.gather(
            self._answer("Accounts", self.accounts.instances(self.account.id)),
            self._answer("Compute", self._current()),
            self._answer("Usage", self._seconds_by_instance(month_start, now)),
        )
        return InstanceTableFacts(instances, current, seconds)

    async def live(self) -> LiveFacts:
        balance, spend, current, activity = await asyncio.gather(
            self._answer("The ledger", self.ledger.balance(self.account.id)),
            self._answer("Billing", self.billing.spend(self.account.id)),
            self._answer("Compute", self._current(instances_max=1)),
            self._answer("Compute", self.compute.activity()),
        )
        return LiveFacts(balance, spend, current, activity)

    async def _current(self, instances_max: int = INSTANCES_MAX) -> CurrentUsage:
        if self.account.is_organization:
            return await self.compute.organization_current(self.account.id, limit=instances_max)
        return await self.compute.user_current(self.account.id, limit=instances_max)

    async def _seconds_by_instance(self, month_start: datetime, now: datetime) -> list[HistoryRow]:
        rows: list[HistoryRow] = []
        cursor: str | None = None
        while True:
            page: History = await self.usage.history(
                self.account.usage_kind,
                self.account.id,
                from_at=month_start,
                to_at=now,
                interval="month",
                group_by=("instance",),
                cursor=cursor,
            )
            rows += page.rows
            cursor = page.next_cursor
            if cursor is None:
                return rows

    async def _answer(self, component: str, asked: Awaitable[T]) -> T | Missing:
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
