"""Costs by interval: differences of the cumulative cost within each month, so that they add up to it exactly."""

from collections.abc import Mapping, Sequence

from fogbank.billing.rules.rating import Rate
from fogbank.kernel.money import Micros, split_by_largest_remainder
from fogbank.kernel.quantities import Quantity


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
