"""Costs by interval: differences of the cumulative cost within each month, so that they add up to it exactly.

Pieces are what there is to price: each lies within one calendar month of UTC, which is what tiers count by, and within
one interval of the person's calendar, which is what they look at. An interval that two months share has two pieces.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fogbank.billing.rules.price_book import PriceLine
from fogbank.billing.rules.price_models import is_free
from fogbank.billing.rules.rating import Rate
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros, split_by_largest_remainder
from fogbank.kernel.periods import Period
from fogbank.kernel.quantities import Quantities, Quantity

Used = Mapping[str, Quantities]
"""Quantities by instance, or under `""` where nobody asks which."""

CostsByKey = Mapping[tuple[Period, str], Micros]
"""What each meter, or each instance, cost in each interval."""

Pricing = Callable[[datetime], Mapping[Meter, PriceLine]]
"""Gives what prices the month that starts at an instant."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What was used in the part of `interval` that lies in one month."""

    month_start_at: datetime
    interval: Period
    used: Used


def interval_costs(rate: Rate, before: Quantity, increments: Sequence[Quantity]) -> list[Micros]:
    """What each of a month's consecutive increments adds to the cost of `before`, in order.

    An interval costs what the month costs with it less what it costs without: tiers fall where usage reaches them.
    """
    costs, total = [], before
    cost_so_far = rate.cost_micros(before) if before else Micros(0)
    for increment in increments:
        total = Quantity(total + increment)
        cost = rate.cost_micros(total)
        costs.append(Micros(cost - cost_so_far))
        cost_so_far = cost
    return costs


def split_among(cost: Micros, used: Mapping[str, Quantity]) -> dict[str, Micros]:
    """`cost` among those who used something, in proportion, by largest remainder; equally where nobody used any."""
    names = sorted(used)
    if not names:
        return {}
    weights = [used[name] for name in names]
    parts = split_by_largest_remainder(cost, weights if any(weights) else [1] * len(names))
    return {name: Micros(part) for name, part in zip(names, parts, strict=True)}


def costs_by_meter(pieces: Iterable[Piece], before: Quantities, pricing: Pricing) -> CostsByKey:
    """What each meter that costs anything did in each interval.

    `before` is what was used ahead of the first piece in its month: where on the tiers the pieces begin.
    """
    costs: Counter[tuple[Period, str]] = Counter()
    for line, piece, cost in _priced(pieces, before, pricing):
        if not is_free(line.model):
            costs[piece.interval, line.meter] += cost
    return {key: Micros(cost) for key, cost in costs.items()}


def costs_by_instance(pieces: Iterable[Piece], before: Quantities, pricing: Pricing) -> CostsByKey:
    """What each instance cost in each interval: each meter's cost, in proportion to what each used of it then."""
    costs: Counter[tuple[Period, str]] = Counter()
    for line, piece, cost in _priced(pieces, before, pricing):
        used = {instance: quantities.get(line.meter, Quantity(0)) for instance, quantities in piece.used.items()}
        for instance, part in split_among(cost, used).items():
            costs[piece.interval, instance] += part
    return {key: Micros(cost) for key, cost in costs.items()}


def _priced(pieces: Iterable[Piece], before: Quantities, pricing: Pricing) -> Iterable[tuple[PriceLine, Piece, Micros]]:
    """The cost of each line in each piece; the pieces are in order of time."""
    used_before = before
    for month_start_at, of_month in groupby(pieces, key=lambda piece: piece.month_start_at):
        month_pieces = list(of_month)
        for line in pricing(month_start_at).values():
            increments = [total_of(piece.used, line.meter) for piece in month_pieces]
            costs = interval_costs(line.rate, used_before.get(line.meter, Quantity(0)), increments)
            for piece, cost in zip(month_pieces, costs, strict=True):
                yield line, piece, cost
        used_before = {}


def total_of(used: Used, meter: Meter) -> Quantity:
    """What all instances used of a meter together."""
    return Quantity(sum(quantities.get(meter, 0) for quantities in used.values()))


def less(used: Used, part: Used) -> Used:
    """What is left of `used` without `part`, which is some of it."""
    return {
        instance: {
            meter: Quantity(quantity - part.get(instance, {}).get(meter, 0)) for meter, quantity in quantities.items()
        }
        for instance, quantities in used.items()
    }
