"""The first minute of an account: nothing was metered yet, or not priced yet. Then the page says what it waits for."""

from dataclasses import dataclass

from fogbank.billing.client import SpendView
from fogbank.compute.client import CurrentUsage
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.formats import Formats
from fogbank.portal.views.chart import Chart
from fogbank.portal.views.missing import Missing


@dataclass(frozen=True, slots=True)
class Beginning:
    headline: str
    detail: str


WAITING = Beginning(
    "First reading arrives in about 30 s",
    "An agent measures each machine and reports twice a minute. "
    "What it uses and what that costs appears here by itself.",
)


def beginning_of(
    spend: SpendView | Missing, current: CurrentUsage | Missing, chart: Chart | Missing, formats: Formats
) -> Beginning | None:
    """What an account without any cost waits for; `None` once it has one, or when somebody does not answer."""
    if isinstance(spend, Missing) or isinstance(current, Missing) or isinstance(chart, Missing):
        return None
    if micros_from_credits(spend.month_to_date) or not chart.is_empty:
        return None
    if not current.instances:
        return WAITING
    last = max(instance.period.end for instance in current.instances)
    return Beginning(
        f"First reading arrived at {formats.time(last)}",
        "It is being priced; what it costs appears here in half a minute.",
    )
