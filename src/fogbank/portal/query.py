"""What the address of the Usage page asks for. Whatever it does not name, or names wrongly, is the usual."""

from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.portal.model import Grouping, Range
from fogbank.portal.views.chart import ChartChoice
from fogbank.portal.views.instances import Order

TEXT_MAX = 200
HIDDEN_MAX = 50


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """The chart's choice, `None` for none, and what the table is filtered and sorted by."""

    choice: ChartChoice | None
    filter: str
    order: Order


def read_query(params: Mapping[str, str]) -> UsageQuery:
    """Read `range`, `by`, `hide`, `q` and `order`; `press`, from a column's head, wins over `order`."""
    span, grouping = params.get("range", ""), params.get("by", "")
    hidden = [key for key in params.get("hide", "").split(",")[:HIDDEN_MAX] if key]
    is_chosen = span in set(Range) or grouping in set(Grouping)
    choice = ChartChoice(
        Range(span) if span in set(Range) else Range.MONTH,
        Grouping(grouping) if grouping in set(Grouping) else Grouping.METER,
        frozenset(hidden),
    )
    order = Order.read(params.get("press") or params.get("order", ""))
    return UsageQuery(choice if is_chosen else None, params.get("q", "")[:TEXT_MAX].strip(), order)
