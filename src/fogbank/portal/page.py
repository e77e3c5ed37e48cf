"""Puts the Usage page and its parts together: asks for the facts, and gives what the templates are filled with."""

import asyncio
from typing import Any

from fogbank.compute.client import CurrentUsage
from fogbank.portal.model import Grouping, Range
from fogbank.portal.query import UsageQuery
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.views.banner import banner_of
from fogbank.portal.views.beginning import beginning_of
from fogbank.portal.views.chart import Chart, ChartChoice
from fogbank.portal.views.instances import Instances
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.parts import chart_part, figures_part, instances_part
from fogbank.portal.visit import Visit

Context = dict[str, Any]
"""What a template is filled with."""

PATH = "/usage"


async def whole_page(visit: Visit, query: UsageQuery) -> Context:
    """Everything, asked for at once."""
    facts, chart, (table, current) = await asyncio.gather(
        visit.desk.figures(visit.now, visit.month_start), _chart(visit, query.choice), _table(visit, query)
    )
    return {
        **_chart_context(visit, query.choice, chart),
        **_table_context(visit, query, table),
        "shell": visit.shell(PATH),
        "banner": banner_of(facts.balance, facts.spend, visit.formats),
        "figures": figures_part(facts, visit.now, visit.formats),
        "beginning": beginning_of(facts.spend, current, chart, visit.formats),
    }


async def banner_context(visit: Visit) -> Context:
    facts = await visit.desk.live()
    return {"account": visit.account, "banner": banner_of(facts.balance, facts.spend, visit.formats)}


async def figures_context(visit: Visit) -> Context:
    facts = await visit.desk.figures(visit.now, visit.month_start)
    return {"account": visit.account, "figures": figures_part(facts, visit.now, visit.formats)}


async def chart_context(visit: Visit, query: UsageQuery) -> Context:
    return _chart_context(visit, query.choice, await _chart(visit, query.choice))


async def table_context(visit: Visit, query: UsageQuery) -> Context:
    table, _ = await _table(visit, query)
    return _table_context(visit, query, table)


async def _chart(visit: Visit, choice: ChartChoice) -> Chart | Missing:
    timezone = visit.formats.timezone
    bars = buckets(choice.span, visit.now, timezone)
    facts = await visit.desk.chart(choice.span, bars, timezone.key)
    return chart_part(choice, bars, facts, visit.formats)


def _chart_context(visit: Visit, choice: ChartChoice, chart: Chart | Missing) -> Context:
    spans, groupings = list(Range), list(Grouping)
    return {"account": visit.account, "chart": chart, "choice": choice, "spans": spans, "groupings": groupings}


async def _table(visit: Visit, query: UsageQuery) -> tuple[Instances | Missing, CurrentUsage | Missing]:
    """The table, and the current picture it was made with, which tells whether anything reports at all."""
    facts = await visit.desk.instance_table(visit.now, visit.month_start)
    table = instances_part(facts, query.filter, query.order, formats=visit.formats, now=visit.now)
    return table, facts.current


def _table_context(visit: Visit, query: UsageQuery, table: Instances | Missing) -> Context:
    return {"account": visit.account, "table": table, "query": query.filter, "order": str(query.order)}
