"""Costs as CSV: the exact amounts that billing gave, for spreadsheets and scripts (RFC 4180)."""

import csv
from io import StringIO

from fogbank.billing.client import CostsView

HEAD = ("start", "end", "key", "label", "cost", "currency")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(costs: CostsView) -> str:
    """One line per interval and meter or instance; times in RFC 3339, money in credits, nothing rounded."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for row in costs.rows:
        who = (_inert(row.key), _inert(row.label))
        writer.writerow([row.start.isoformat(), row.end.isoformat(), *who, row.cost, costs.currency])
    return text.getvalue()


def _inert(text: str) -> str:
    """Names are people's own: what a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
