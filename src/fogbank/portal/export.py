"""Files that people save: costs as CSV, the exact amounts that billing gave; and what components send in parts."""

from collections.abc import AsyncIterator

from fogbank.billing.client import CostsView
from fogbank.runtime.csv_text import csv_text, safe_cell

HEAD = ("start", "end", "key", "label", "cost", "currency")


def csv_of(costs: CostsView) -> str:
    """One line per interval and meter or instance; times in RFC 3339, money in credits, nothing rounded."""
    rows = (
        (row.start.isoformat(), row.end.isoformat(), safe_cell(row.key), safe_cell(row.label), row.cost, costs.currency)
        for row in costs.rows
    )
    return csv_text([HEAD, *rows])


async def begun(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same parts, the first there already: what is refused, is so before an answer begins."""
    first = await anext(parts)

    async def all_parts() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return all_parts()
