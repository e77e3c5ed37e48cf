"""CSV (RFC 4180) in which no spreadsheet finds a formula.

A cell of somebody's own words that could be taken for one has an apostrophe in front, and so has what begins with an
apostrophe itself: who reads it takes one away.
"""

import csv
import io
from collections.abc import Iterable

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as they are: what others wrote goes through `safe_cell` before."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text


def cell_text(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell.removeprefix("'")
