"""The parts of the Usage page, from the facts that the components answered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import dropwhile

from fogbank.accounts.client import InstanceView
from fogbank.billing.client import CostsView
from fogbank.compute.client import CurrentUsage
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import micros_from_credits
from fogbank.kernel.periods import month_of
from fogbank.portal.formats import Formats
from fogbank.portal.model import Bucket, Cost
from fogbank.portal.rules.ranges import fold
from fogbank.portal.service import ChartFacts, FigureFacts, InstanceTableFacts
from fogbank.portal.views.chart import Chart, ChartChoice, chart_of
from fogbank.portal.views.costs import costs_of
from fogbank.portal.views.figures import (
    Figure,
    amounts_shape,
    balance_figure,
    forecast_figure,
    levels_shape,
    month_days,
    month_figure,
    rate_figure,
)
from fogbank.portal.views.instances import (
    InstanceFacts,
    Instances,
    Order,
    Status,
    instances_of,
    trend_days,
)
from fogbank.portal.views.missing import Missing

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figures:
    cards: Sequence[Figure]

    @property
    def is_late(self) -> bool:
        """Whether a card waits for its component, so that the page should ask again."""
        return any(isinstance(card.value, Missing) and card.value.is_late for card in self.cards)


def figures_part(facts: FigureFacts, now: datetime, formats: Formats) -> Figures:
    balances = _balances(facts.balances)
    return Figures(
        [
            balance_figure(facts.balance, facts.spend, formats, levels_shape(balances)),
            month_figure(facts.spend, formats, amounts_shape(month_days(now, _amounts(facts.days)))),
            forecast_figure(facts.spend, formats),
            rate_figure(facts.spend, formats, amounts_shape(_complete_hours(facts.hours, now))),
        ]
    )


def chart_part(
    choice: ChartChoice,
    buckets: Sequence[Bucket],
    facts: ChartFacts,
    formats: Formats,
) -> Chart | Missing:
    """The chart; `Missing` without costs. Without names instances are called by their ids."""
    if isinstance(facts.by_meter, Missing):
        return facts.by_meter
    if isinstance(facts.by_instance, Missing):
        return facts.by_instance
    meters, instances = fold(costs_of(facts.by_meter), buckets), fold(costs_of(facts.by_instance), buckets)
    registered = [] if isinstance(facts.instances, Missing) else facts.instances
    names = {each.id: each.name for each in registered if each.name}
    named = [replace(each, label=names.get(each.key, each.label)) for each in instances]
    return chart_of(choice, buckets, meters, named, formats)


def instances_part(
    facts: InstanceTableFacts, query: str, order: Order, *, now: datetime, formats: Formats
) -> Instances | Missing:
    """The table. It needs costs and names; hours and status say that they are unknown where nobody answers."""
    if isinstance(facts.days, Missing):
        return facts.days
    if isinstance(facts.instances, Missing):
        return facts.instances
    costs = costs_of(facts.days)
    month_start = month_of(now).start_at
    known = _instance_facts(facts, facts.instances, costs, now)
    return instances_of(known, query, order, month_start, formats)


def _balances(balances: Sequence[tuple[datetime, str]] | Missing) -> list[int]:
    """The balance of each day since there was one: before the first credit there is nothing to draw."""
    if isinstance(balances, Missing):
        return []
    return list(dropwhile(lambda micros: micros == 0, (micros_from_credits(amount) for _, amount in balances)))


def _instance_facts(
    facts: InstanceTableFacts,
    registered: Sequence[InstanceView],
    costs: Sequence[Cost],
    now: datetime,
) -> list[InstanceFacts]:
    by_instance: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        by_instance[cost.key].append(cost)
    names = {key: mine[0].label for key, mine in by_instance.items()} | {each.id: each.name for each in registered}
    seconds, month = _seconds(facts), month_of(now)
    return [
        InstanceFacts(
            id=id_,
            name=name or id_,
            status=_status(id_, facts.current),
            instance_seconds=None if seconds is None else seconds.get(id_, Decimal(0)),
            cost_micros=sum(cost.micros for cost in by_instance[id_] if cost.start_at in month),
            trend_micros=trend_days(by_instance[id_], now.date()),
        )
        for id_, name in names.items()
    ]


def _seconds(facts: InstanceTableFacts) -> dict[str, Decimal] | None:
    if isinstance(facts.seconds, Missing):
        return None
    seconds: dict[str, Decimal] = defaultdict(Decimal)
    for row in facts.seconds:
        seconds[row.group["instance"]] += Decimal(row.quantities.get(Meter.INSTANCE_SECONDS, "0"))
    return seconds


def _status(instance_id: str, current: CurrentUsage | Missing) -> Status:
    if isinstance(current, Missing):
        return Status.UNKNOWN
    found = next((each for each in current.instances if each.instance_id == instance_id), None)
    if found is None:
        return Status.SILENT
    return Status.STALE if found.is_stale else Status.RUNNING


def _amounts(costs: CostsView | Missing) -> list[tuple[datetime, int]]:
    return [] if isinstance(costs, Missing) else [(cost.start_at, cost.micros) for cost in costs_of(costs)]


def _complete_hours(costs: CostsView | Missing, now: datetime) -> list[int]:
    """Cost per hour of those that are over, oldest first."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    by_hour = {this_hour - HOUR * back: 0 for back in range(24, 0, -1)}
    for start_at, micros in _amounts(costs):
        if start_at in by_hour:
            by_hour[start_at] += micros
    return list(by_hour.values())
