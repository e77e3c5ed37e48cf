"""The table of instances: filtered, sorted and cut, and honest about what is not known."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from fogbank.accounts.client import InstanceView
from fogbank.billing.client import CostRow, CostsView
from fogbank.compute.client import CurrentMetrics, CurrentPeriod, CurrentTotals, CurrentUsage, InstanceCurrent
from fogbank.portal.formats import Formats
from fogbank.portal.model import Cost
from fogbank.portal.service import InstanceTableFacts
from fogbank.portal.views.instances import (
    ROWS_MAX,
    Column,
    InstanceFacts,
    Instances,
    Order,
    Status,
    instances_of,
    trend_days,
)
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.parts import instances_part
from fogbank.usage.client import HistoryRow

MONTH = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
CREDIT = 1_000_000
AWAY = Missing("Compute", is_late=False)


def machine(name: str, cost: int, hours: int = 10, status: Status = Status.RUNNING) -> InstanceFacts:
    return InstanceFacts(f"i-{name}", name, status, Decimal(hours * 3600), cost * CREDIT, [1, 2])


def table(facts: list[InstanceFacts], formats: Formats, query: str = "", order: str = "") -> Instances:
    return instances_of(facts, query, Order.read(order), MONTH, formats)


FLEET = [machine("beta", 10, hours=5), machine("Alpha", 30, hours=7), machine("gamma", 20, 9, Status.STALE)]


def test_the_most_expensive_comes_first_and_shares_add_up(formats: Formats) -> None:
    it = table(FLEET, formats)
    assert [(row.name, row.cost, row.share) for row in it.rows] == [
        ("Alpha", "€30.00", "50%"),
        ("gamma", "€20.00", "33.3%"),
        ("beta", "€10.00", "16.7%"),
    ]
    assert it.summary == "3 instances, November 2026"


def test_every_column_sorts_both_ways(formats: Formats) -> None:
    def names(order: str) -> list[str]:
        return [row.name for row in table(FLEET, formats, order=order).rows]

    assert names("name") == ["Alpha", "beta", "gamma"]
    assert names("-name") == ["gamma", "beta", "Alpha"]
    assert names("-cost") == ["beta", "gamma", "Alpha"]
    assert names("hours") == ["gamma", "Alpha", "beta"]
    assert names("status") == ["Alpha", "beta", "gamma"]
    assert names("nonsense") == names("cost")


def test_pressing_a_head_again_turns_the_order_round() -> None:
    order = Order.read("")
    assert (str(order), str(order.pressed(Column.COST)), str(order.pressed(Column.NAME))) == ("cost", "-cost", "name")
    assert str(Order.read("-name").pressed(Column.NAME)) == "name"


def test_the_head_that_sorts_says_so(formats: Formats) -> None:
    heads = table(FLEET, formats, order="name").heads
    assert [(head.sort, head.then) for head in heads.values()] == [
        ("ascending", "-name"),
        ("", "status"),
        ("", "hours"),
        ("", "cost"),
    ]


def test_filtering_looks_at_name_and_id_whatever_the_case(formats: Formats) -> None:
    assert [row.name for row in table(FLEET, formats, query="ALPH").rows] == ["Alpha"]
    assert [row.name for row in table(FLEET, formats, query="i-gam").rows] == ["gamma"]
    assert table(FLEET, formats, query="nobody").rows == []


def test_a_large_fleet_is_cut_and_says_so(formats: Formats) -> None:
    it = table([machine(f"m{number}", number) for number in range(1200)], formats)
    assert len(it.rows) == ROWS_MAX
    assert it.more == "The first 50 of 1,200. Filter by name to find others."
    assert table(FLEET, formats).more == ""


def test_trends_are_of_complete_days() -> None:
    costs = [Cost(datetime(2026, 11, day, tzinfo=UTC), "i", "i", day) for day in (8, 9, 22, 23)]
    assert trend_days(costs, NOW.date()) == [9, *[0] * 12, 22]


def costs(*rows: tuple[int, int, str, str]) -> CostsView:
    given = [
        CostRow(datetime(2026, month, day, tzinfo=UTC), datetime(2026, month, day + 1, tzinfo=UTC), key, key, cost)
        for month, day, key, cost in rows
    ]
    return CostsView("org", "EUR", "day", "instance", "UTC", "0", given, None)


def current(*instances: tuple[str, bool]) -> CurrentUsage:
    metrics, period = CurrentMetrics(0, 0, 0, 0, 0, 0, 0, 0), CurrentPeriod(MONTH, NOW)
    listed = [InstanceCurrent(id_, "user", "org", metrics, period, {}, 1.0, stale) for id_, stale in instances]
    return CurrentUsage("org", NOW, CurrentTotals(len(listed), 0, {}), listed, None)


def test_cost_is_of_this_month_and_status_of_this_moment(formats: Formats) -> None:
    facts = InstanceTableFacts(
        instances=[InstanceView(f"i-{n}", n, "org", "user", "org", MONTH) for n in ("a", "b", "c")],
        current=current(("i-a", False), ("i-b", True)),
        seconds=[HistoryRow(MONTH, NOW, {"instance": "i-a"}, {"instance_seconds": "5400"}, {}, 180)],
        days=costs((10, 30, "i-a", "5.00"), (11, 2, "i-a", "7.00"), (11, 3, "i-gone", "1.00")),
    )
    it = instances_part(facts, "", Order.read(""), now=NOW, formats=formats)
    assert isinstance(it, Instances)
    assert [(row.name, row.status.value, row.hours, row.cost) for row in it.rows] == [
        ("a", "running", "1.5", "€7.00"),
        ("i-gone", "no readings", "0.0", "€1.00"),
        ("b", "stale", "0.0", "€0.00"),
        ("c", "no readings", "0.0", "€0.00"),
    ]


def test_who_does_not_answer_costs_only_its_column(formats: Formats) -> None:
    registered = [InstanceView("i-a", "a", "org", "user", "org", MONTH)]
    days = costs((11, 2, "i-a", "7.00"))
    facts = InstanceTableFacts(registered, AWAY, Missing("Usage", is_late=True), days)
    it = instances_part(facts, "", Order.read(""), now=NOW, formats=formats)
    assert isinstance(it, Instances)
    assert [(row.status.value, row.hours, row.cost) for row in it.rows] == [("unknown", "–", "€7.00")]
    away = Missing("Billing", is_late=False)
    assert instances_part(replace(facts, days=away), "", Order.read(""), now=NOW, formats=formats) == away
