"""Cost by instance: one row each, filtered, sorted and cut to what a page can show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from fogbank.portal.charts.scale import percent
from fogbank.portal.charts.sparkline import Sparkline, sparkline
from fogbank.portal.formats import Formats
from fogbank.portal.model import Cost
from fogbank.portal.rules.decimals import decimals_for

ROWS_MAX = 50
TREND_DAYS = 14
SECONDS_PER_HOUR = 3600


class Column(StrEnum):
    """What the table can be sorted by."""

    NAME = "name"
    STATUS = "status"
    HOURS = "hours"
    COST = "cost"


class Order(NamedTuple):
    """A column and its direction, written `cost` or, the other way round, `-cost`."""

    column: Column
    is_reversed: bool

    @classmethod
    def read(cls, text: str) -> "Order":
        """The order that `text` names; by cost for anything else."""
        name = text.removeprefix("-")
        return cls(Column(name), text.startswith("-")) if name in set(Column) else cls(Column.COST, is_reversed=False)

    def __str__(self) -> str:
        return f"{'-' if self.is_reversed else ''}{self.column}"

    @property
    def is_descending(self) -> bool:
        """Figures begin with the largest, names with A."""
        return (self.column in (Column.HOURS, Column.COST)) != self.is_reversed

    def pressed(self, column: Column) -> "Order":
        """The order after a press on a column's head: that column, or the other way round if it was that already."""
        return Order(column, is_reversed=column is self.column and not self.is_reversed)


class Status(StrEnum):
    """Whether an instance reports; the order is the one to sort by."""

    RUNNING = "running"
    STALE = "stale"
    SILENT = "no readings"
    UNKNOWN = "unknown"

    @property
    def tone(self) -> str:
        return {Status.RUNNING: "good", Status.STALE: "warn"}.get(self, "")


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What is known of one instance this month. `hours` is None where usage did not answer."""

    id: str
    name: str
    status: Status
    instance_seconds: Decimal | None
    cost_micros: int
    trend_micros: Sequence[int]


@dataclass(frozen=True, slots=True)
class InstanceRow:
    id: str
    name: str
    status: Status
    trend: Sparkline | None
    hours: str
    cost: str
    share: str
    share_percent: float


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `sort` is `ascending`, `descending` or empty, `then` the order after a press."""

    label: str
    column: Column
    sort: str
    then: str


@dataclass(frozen=True, slots=True)
class Instances:
    """The table; `summary` counts, `more` says what is not shown."""

    rows: Sequence[InstanceRow]
    heads: Mapping[str, Head]
    order: str
    query: str
    summary: str
    more: str


def instances_of(
    facts: Sequence[InstanceFacts], query: str, order: Order, month: datetime, formats: Formats
) -> Instances:
    """The table of `facts`: those whose name or id contains `query`, in `order`, at most `ROWS_MAX` of them."""
    found = [each for each in facts if query.casefold() in f"{each.name} {each.id}".casefold()]
    shown = _sorted(found, order)[:ROWS_MAX]
    whole = sum(each.cost_micros for each in facts)
    decimals = decimals_for(max((each.cost_micros for each in facts), default=0), formats.minor_digits)
    return Instances(
        rows=[_row(each, whole, decimals, formats) for each in shown],
        heads={column.value: _head(column, order) for column in Column},
        order=str(order),
        query=query,
        summary=f"{_count(len(facts), formats)}, {formats.skeleton_utc('yMMMM', month)}",
        more=_more(len(shown), len(found), formats),
    )


def trend_days(costs: Sequence[Cost], today: date) -> list[int]:
    """Cost per day (UTC) of the last `TREND_DAYS` complete days, oldest first."""
    by_day = dict.fromkeys((today - timedelta(days=back) for back in range(TREND_DAYS, 0, -1)), 0)
    for cost in costs:
        day = cost.start_at.date()
        if day in by_day:
            by_day[day] += cost.micros
    return list(by_day.values())


def _sorted(facts: Sequence[InstanceFacts], order: Order) -> list[InstanceFacts]:
    by_name = sorted(facts, key=lambda each: (each.name.casefold(), each.id))
    statuses = list(Status)
    keys = {
        Column.NAME: lambda each: (each.name.casefold(), each.id),
        Column.STATUS: lambda each: statuses.index(each.status),
        Column.HOURS: lambda each: each.instance_seconds or Decimal(0),
        Column.COST: lambda each: each.cost_micros,
    }
    return sorted(by_name, key=keys[order.column], reverse=order.is_descending)


def _row(facts: InstanceFacts, whole_micros: int, decimals: int, formats: Formats) -> InstanceRow:
    share = percent(max(0, facts.cost_micros), whole_micros)
    return InstanceRow(
        id=facts.id,
        name=facts.name,
        status=facts.status,
        trend=sparkline(facts.trend_micros, from_zero=True) if any(facts.trend_micros) else None,
        hours=_hours(facts.instance_seconds, formats),
        cost=formats.money(facts.cost_micros, decimals),
        share=formats.percent(share / 100),
        share_percent=share,
    )


def _hours(seconds: Decimal | None, formats: Formats) -> str:
    if seconds is None:
        return "–"
    hours = seconds / SECONDS_PER_HOUR
    return formats.number(hours, 1 if hours >= 1 or not hours else 2)


def _head(column: Column, order: Order) -> Head:
    is_current = column is order.column
    sort = ("descending" if order.is_descending else "ascending") if is_current else ""
    label = {Column.NAME: "Instance"}.get(column, column.value.capitalize())
    return Head(label, column, sort, str(order.pressed(column)))


def _count(instances: int, formats: Formats) -> str:
    return "1 instance" if instances == 1 else f"{formats.number(instances)} instances"


def _more(shown: int, found: int, formats: Formats) -> str:
    if shown == found:
        return ""
    return f"The first {formats.number(shown)} of {formats.number(found)}. Filter by name to find others."
