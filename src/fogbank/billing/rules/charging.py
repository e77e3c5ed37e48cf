"""Charging is the difference of a cumulative cost.

For every line, charge now what brings all charges so far to the price of the total so far. It does not matter how often
or in which slices this runs, what came late or what was repeated; a lowered total refunds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fogbank.billing.model import Charge, Line, LineKey
from fogbank.billing.rules.bulk_rating import costs_micros
from fogbank.billing.rules.price_book import PriceBook, PriceLine
from fogbank.billing.rules.price_models import Volume
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros
from fogbank.kernel.periods import next_month
from fogbank.kernel.quantities import Quantity

Books = Callable[[datetime, int | None], PriceBook]
"""The book of a version, or, where there is none yet, the one that prices the month."""


@dataclass(slots=True)
class Revisions:
    """What has to be written: lines as they are now, and the charges that brought them there."""

    lines: list[Line] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)


def revise(totals: Mapping[LineKey, Quantity], known: Mapping[LineKey, Line], books: Books, now: datetime) -> Revisions:
    """The revisions that bring every line of `totals` to its price. Lines that stay as they are, are left out.

    A line keeps the price book it was first priced with.
    """
    revisions = Revisions()
    for price_line, lines in _by_price(totals, known, books):
        costs = costs_micros(price_line.rate, [totals[line.key] for line in lines])
        for line, cost in zip(lines, costs, strict=True):
            _revise_line(line, totals[line.key], cost, is_due=is_due(price_line, line.key, now), into=revisions)
    return revisions


def _by_price(
    totals: Iterable[LineKey], known: Mapping[LineKey, Line], books: Books
) -> Iterable[tuple[PriceLine, list[Line]]]:
    """The lines as they are, those that one price line prices together."""
    prices: dict[tuple[int, Meter], PriceLine] = {}
    grouped: dict[tuple[int, Meter], list[Line]] = defaultdict(list)
    for key in totals:
        line = known.get(key)
        book = books(key.month_start_at, line.price_book_version if line else None)
        prices[book.version, key.meter] = book.lines[key.meter]
        grouped[book.version, key.meter].append(line or untouched(key, book.version))
    return [(prices[version_and_meter], lines) for version_and_meter, lines in grouped.items()]


def untouched(key: LineKey, price_book_version: int) -> Line:
    """A line that nothing was metered on or charged for yet."""
    return Line(key, price_book_version, Quantity(0), Micros(0), Micros(0), revision=0)


def is_due(line: PriceLine, key: LineKey, now: datetime) -> bool:
    """Volume prices fall due when the month ends, since more usage may lower them; all others at once."""
    return not isinstance(line.model, Volume) or next_month(key.month_start_at) <= now


def _revise_line(before: Line, quantity: Quantity, cost: Micros, *, is_due: bool, into: Revisions) -> None:
    due = cost if is_due else before.charged_micros
    amount = Micros(due - before.charged_micros)
    revision = before.revision + (amount != 0)
    after = Line(before.key, before.price_book_version, quantity, cost, due, revision)
    if after != before:
        into.lines.append(after)
    if amount:
        into.charges.append(Charge(before.key, revision, before.price_book_version, quantity, due, amount))
