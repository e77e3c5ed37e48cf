"""Costs: what an account's usage cost, by interval of a person's calendar, and by meter or instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fogbank.billing.client import CostGrouping, CostRow, CostsView
from fogbank.billing.rules.calendar import Interval, month_starts, whole_hour_zone, whole_intervals
from fogbank.billing.rules.costs import CostsByKey, Piece, costs_by_instance, costs_by_meter, less
from fogbank.billing.service.payer_months import PayerMonths
from fogbank.billing.service.payer_usage import IntervalUsage, PayerUsage
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.periods import Period, month_of
from fogbank.kernel.quantities import Quantities

TOTAL = ""


@dataclass(frozen=True, slots=True)
class AskedCosts:
    """A question about costs. `[from_at, to_at)` widens to whole intervals of `zone`'s calendar."""

    account_id: AccountId
    from_at: datetime
    to_at: datetime
    interval: Interval
    group_by: CostGrouping
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class CostsService:
    """Prices history. Each month's costs add up to the cost of its usage, to the last micro-credit."""

    usage: PayerUsage
    months: PayerMonths
    currency: str

    async def costs(self, asked: AskedCosts) -> CostsView:
        """What was asked; intervals in which nothing was measured have no row, and free meters none either."""
        zone = whole_hour_zone(asked.zone, asked.interval, asked.from_at)
        span = whole_intervals(asked.from_at, asked.to_at, asked.interval, zone)
        by_instance = asked.group_by == "instance"
        history = await self.usage.history(asked.account_id, span, asked.interval, zone.key, by_instance=by_instance)
        pieces = await self._pieces(asked.account_id, history.intervals, by_instance=by_instance)
        before = await self._used_before(asked.account_id, span.start_at)
        months = await self.months.of(asked.account_id, {piece.month_start_at for piece in pieces})
        grouped = costs_by_instance if by_instance else costs_by_meter
        costs = grouped(pieces, before, lambda month_start_at: months[month_start_at].prices)
        return CostsView(
            account_id=asked.account_id,
            currency=self.currency,
            interval=asked.interval,
            group_by=asked.group_by,
            timezone=asked.zone.key,
            total=credits_from_micros(sum(costs.values())),
            rows=_rows(costs),
            complete_until=history.complete_until,
        )

    async def _used_before(self, account_id: AccountId, start_at: datetime) -> Quantities:
        """What the month of `start_at` had used up to it: where on the price's tiers the span begins."""
        month_start_at = month_of(start_at).start_at
        if month_start_at == start_at:
            return {}
        used = await self.usage.used_in(account_id, Period(month_start_at, start_at))
        return used.get(TOTAL, {})

    async def _pieces(
        self, account_id: AccountId, intervals: Sequence[IntervalUsage], *, by_instance: bool
    ) -> list[Piece]:
        """The intervals, each cut in two where a month of billing begins inside it."""
        pieces: list[Piece] = []
        for each in intervals:
            cut = next(month_starts(each.interval), None)
            if cut is None:
                pieces.append(Piece(month_of(each.interval.start_at).start_at, each.interval, each.used))
            else:
                pieces += await self._cut(account_id, each, cut, by_instance=by_instance)
        return pieces

    async def _cut(
        self, account_id: AccountId, whole: IntervalUsage, at: datetime, *, by_instance: bool
    ) -> Sequence[Piece]:
        """The part before `at` and the one after. The shorter one is asked for; the other is what is left."""
        before, after = Period(whole.interval.start_at, at), Period(at, whole.interval.end_at)
        shorter = min(before, after, key=lambda part: part.end_at - part.start_at)
        part = await self.usage.used_in(account_id, shorter, by_instance=by_instance)
        rest = less(whole.used, part)
        used_before, used_after = (part, rest) if shorter is before else (rest, part)
        return (
            Piece(month_of(before.start_at).start_at, whole.interval, used_before),
            Piece(at, whole.interval, used_after),
        )


METER_LABELS = {meter.value: meter.label for meter in Meter}
METER_ORDER = {meter.value: position for position, meter in enumerate(Meter)}


def _rows(costs: CostsByKey) -> list[CostRow]:
    """In order of time, then of meters or of instances' ids. An instance's label is its id: names are accounts'."""
    return [
        CostRow(interval.start_at, interval.end_at, key, METER_LABELS.get(key, key), credits_from_micros(micros))
        for (interval, key), micros in sorted(
            costs.items(), key=lambda cost: (cost[0][0], METER_ORDER.get(cost[0][1], 0), cost[0][1])
        )
    ]
