"""What to compare with: the month before up to the same time, and the same hour of yesterday. Never invented."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.billing.rules.calendar import HOUR, UTC_ZONE
from fogbank.billing.service.costs import TOTAL, AskedCosts, CostsService
from fogbank.kernel.ids import AccountId
from fogbank.kernel.money import Micros, micros_from_credits
from fogbank.kernel.periods import Period, grid_floor, month_of
from fogbank.runtime.problems import Problem

DAY = timedelta(days=1)
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Comparison:
    """Costs of then; each is None where nothing was measured then, or nobody can say."""

    previous_month_to_date: Micros | None = None
    hour_of_yesterday: Micros | None = None


@dataclass(slots=True)
class Comparing:
    """Answers from the hours that are over, so an answer holds until the next hour begins, and is remembered."""

    costs: CostsService
    _hour: datetime | None = None
    _answers: dict[AccountId, Comparison] = field(default_factory=dict)

    async def at(self, account_id: AccountId, now: datetime) -> Comparison:
        hour = grid_floor(now, SECONDS_PER_HOUR)
        if hour != self._hour:
            self._hour, self._answers = hour, {}
        if account_id not in self._answers:
            try:
                self._answers[account_id] = await self._compare(account_id, hour)
            except Problem:
                return Comparison()  # usage does not answer: nothing is known, and nothing is remembered
        return self._answers[account_id]

    async def _compare(self, account_id: AccountId, hour: datetime) -> Comparison:
        return Comparison(
            previous_month_to_date=await self._previous_month(account_id, hour),
            hour_of_yesterday=await self._hour_of_yesterday(account_id, hour - DAY),
        )

    async def _previous_month(self, account_id: AccountId, hour: datetime) -> Micros | None:
        """The month before, up to as many hours into it; all of it where it was shorter."""
        month_start_at = month_of(hour).start_at
        previous = month_of(month_start_at - DAY)
        until = min(previous.start_at + (hour - month_start_at), previous.end_at)
        if until == previous.start_at:
            return None
        used = await self.costs.usage.used_in(account_id, Period(previous.start_at, until))
        if not used:
            return None
        prices = (await self.costs.months.of(account_id, [previous.start_at]))[previous.start_at].prices
        return Micros(sum(prices[meter].rate.cost_micros(quantity) for meter, quantity in used[TOTAL].items()))

    async def _hour_of_yesterday(self, account_id: AccountId, hour: datetime) -> Micros | None:
        costs = await self.costs.costs(AskedCosts(account_id, hour, hour + HOUR, "hour", "meter", UTC_ZONE))
        return micros_from_credits(costs.total) if costs.rows else None
