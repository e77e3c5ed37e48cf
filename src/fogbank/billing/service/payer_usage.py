"""What a payer used and uses now, asked of usage and compute.

The history of "organisations" is by payer: for a user who pays for themselves it is what they pay for, without what
they run for an organisation.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from fogbank.billing.rules.calendar import UTC_ZONE, Interval, days_and_hours
from fogbank.billing.rules.costs import Used
from fogbank.compute.client import INSTANCES_MAX, ComputeClient
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import Period
from fogbank.kernel.quantities import Quantities, Quantity, quantity_from_decimal
from fogbank.usage.client import History, HistoryRow, UsageClient

HOURS_PER_QUESTION = timedelta(days=20)
"""Usage answers at most so much by the hour at once."""


@dataclass(frozen=True, slots=True)
class IntervalUsage:
    """What was used in one interval, by instance where that was asked."""

    interval: Period
    used: Used


@dataclass(frozen=True, slots=True)
class PayerHistory:
    """Intervals in order, without those in which nothing was measured, and until when nothing is outstanding."""

    intervals: list[IntervalUsage]
    complete_until: datetime | None


@dataclass(frozen=True, slots=True)
class PayerUsage:
    """Asks about one payer at a time."""

    usage: UsageClient
    compute: ComputeClient

    async def history(
        self, account_id: AccountId, span: Period, interval: Interval, timezone: str, *, by_instance: bool
    ) -> PayerHistory:
        """What was used in each interval of `span`, which begins and ends with one."""
        used: dict[Period, dict[str, Quantities]] = {}
        complete_until: datetime | None = None
        for part in _questions(span, interval):
            cursor: str | None = None
            while True:
                page = await self._page(account_id, part, interval, timezone, cursor, by_instance=by_instance)
                # What was not measured is not priced, and not zero either.
                for row in (each for each in page.rows if each.events):
                    used.setdefault(Period(row.start, row.end), {})[row.group.get("instance", "")] = _quantities(row)
                complete_until, cursor = page.complete_until, page.next_cursor
                if cursor is None:
                    break
        return PayerHistory([IntervalUsage(period, used[period]) for period in sorted(used)], complete_until)

    async def used_in(self, account_id: AccountId, span: Period, *, by_instance: bool = False) -> Used:
        """What was used in all of `span`, which begins and ends with an hour; empty where nothing was measured."""
        total: dict[str, Counter[Meter]] = {}
        for part, interval in days_and_hours(span):
            history = await self.history(account_id, part, interval, UTC_ZONE.key, by_instance=by_instance)
            for each in history.intervals:
                for instance, quantities in each.used.items():
                    total.setdefault(instance, Counter()).update(quantities)
        return {
            instance: {meter: Quantity(quantity) for meter, quantity in quantities.items()}
            for instance, quantities in total.items()
        }

    async def per_second(self, account_id: AccountId) -> Mapping[Meter, Fraction]:
        """How many micro-units of each meter the payer uses per second, now, as far as readings are fresh."""
        organization = await self.compute.organization_current(account_id, limit=1)
        if organization.totals.instances:
            return _rates(organization.totals.per_second)
        return await self._per_second_of_user(account_id)

    async def _per_second_of_user(self, user_id: AccountId) -> Mapping[Meter, Fraction]:
        """A user pays for those of their instances that run for no organisation."""
        rates: Counter[Meter] = Counter()
        after: str | None = None
        while True:
            page = await self.compute.user_current(user_id, after=after, limit=INSTANCES_MAX)
            for instance in page.instances:
                if instance.org_id is None and not instance.is_stale:
                    rates.update(
                        {Meter(name): quantity_from_decimal(rate) for name, rate in instance.per_second.items()}
                    )
            after = page.next_cursor
            if after is None:
                return {meter: Fraction(rate) for meter, rate in rates.items()}

    async def _page(
        self,
        account_id: AccountId,
        span: Period,
        interval: Interval,
        timezone: str,
        cursor: str | None,
        *,
        by_instance: bool,
    ) -> History:
        return await self.usage.history(
            "organizations",
            account_id,
            from_at=span.start_at,
            to_at=span.end_at,
            interval=interval,
            group_by=("instance",) if by_instance else (),
            timezone=timezone,
            cursor=cursor,
        )


def _questions(span: Period, interval: Interval) -> list[Period]:
    if interval != "hour":
        return [span]
    parts, start_at = [], span.start_at
    while start_at < span.end_at:
        end_at = min(start_at + HOURS_PER_QUESTION, span.end_at)
        parts.append(Period(start_at, end_at))
        start_at = end_at
    return parts


def _quantities(row: HistoryRow) -> Quantities:
    return {Meter(name): quantity_from_decimal(quantity) for name, quantity in row.quantities.items()}


def _rates(per_second: Mapping[str, str]) -> Mapping[Meter, Fraction]:
    return {Meter(name): Fraction(quantity_from_decimal(rate)) for name, rate in per_second.items()}
