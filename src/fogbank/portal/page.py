"""Puts the Usage page and its parts together: asks for the facts, and gives what the templates are filled with."""

import asyncio
from typing import Any

from fogbank.portal.model import Grouping, Range
from fogbank.portal.query import UsageQuery
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.service import InstanceTableFacts
from fogbank.portal.views.banner import banner_of
from fogbank.portal.views.beginning import beginning_of
from fogbank.portal.views.chart import Chart, ChartChoice
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.parts import chart_part, figures_part, instances_part
from fogbank.portal.visit import Visit

Context = dict[str, Any]
"""What a template is filled with."""

PATH = "/usage"

USUAL = ChartChoice(Range.MONTH, Grouping.METER)
YOUNG = ChartChoice(Range.DAY, Grouping.METER)
"""For accounts that are a day old: by day there would be little to see."""


async def whole_page(visit: Visit, query: UsageQuery) -> Context:
    """Everything, asked for at once."""
    figures, machines, (choice, chart), shell = await asyncio.gather(
        visit.desk.figures(), visit.desk.instance_table(), _first_chart(visit, query.choice), visit.shell(PATH)
    )
    return {
        **_chart_context(visit, choice, chart),
        **_table_context(visit, query, machines),
        "shell": shell,
        "banner": banner_of(figures.balance, figures.spend, visit.formats),
        "figures": figures_part(figures, visit.now, visit.formats),
        "beginning": beginning_of(figures.spend, machines.current, chart, visit.formats),
    }


async def banner_context(visit: Visit) -> Context:
    facts = await visit.desk.live()
    return {"account": visit.account, "banner": banner_of(facts.balance, facts.spend, visit.formats)}


async def figures_context(visit: Visit) -> Context:
    figures = figures_part(await visit.desk.figures(), visit.now, visit.formats)
    return {"account": visit.account, "figures": figures}


async def chart_context(visit: Visit, query: UsageQuery) -> Context:
    choice = query.choice or USUAL
    return _chart_context(visit, choice, await _chart(visit, choice))


async def table_context(visit: Visit, query: UsageQuery) -> Context:
    return _table_context(visit, query, await visit.desk.instance_table())


async def _first_chart(visit: Visit, choice: ChartChoice | None) -> tuple[ChartChoice, Chart | Missing]:
    """The chart that was asked for; else the usual one, or, while that is one lonely bar, the last day by hour."""
    chart = await _chart(visit, choice or USUAL)
    if choice is None and isinstance(chart, Chart) and chart.is_only_now:
        return YOUNG, await _chart(visit, YOUNG)
    return choice or USUAL, chart


async def _chart(visit: Visit, choice: ChartChoice) -> Chart | Missing:
    timezone = visit.formats.timezone
    bars = buckets(choice.span, visit.now, timezone)
    facts = await visit.desk.chart(choice.span, bars, timezone.key)
    return chart_part(choice, bars, facts, visit.formats)


def _chart_context(visit: Visit, choice: ChartChoice, chart: Chart | Missing) -> Context:
    spans, groupings = list(Range), list(Grouping)
    return {"account": visit.account, "chart": chart, "choice": choice, "spans": spans, "groupings": groupings}


def _table_context(visit: Visit, query: UsageQuery, machines: InstanceTableFacts) -> Context:
    table = instances_part(machines, query.filter, query.order, now=visit.now, formats=visit.formats)
    return {"account": visit.account, "table": table, "query": query.filter, "order": str(query.order)}
