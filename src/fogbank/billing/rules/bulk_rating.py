"""Rating in bulk: many quantities at one rate, in vectors of 64-bit integers where nothing can overflow.

The answers are those of `Rate.cost_micros`, one by one. Whether the vectors hold is proved first, from the largest
quantity and the rate's own numbers; where it cannot be proved, quantities are rated one by one, in Python's integers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fogbank.billing.rules.rating import Rate, SteppedRate
from fogbank.kernel.money import Micros
from fogbank.kernel.quantities import Quantity

HALF_INT64 = 2**62
"""Numerators and the denominator stay below half of 64 bits, so that twice a remainder still fits."""

VECTOR_LENGTH_MIN = 128
"""Below this, making the vectors costs more than they win."""

Integers = NDArray[np.int64]


def costs_micros(rate: Rate, quantities: Sequence[Quantity]) -> list[Micros]:
    """The cost of each quantity, in micro-credits: what `rate.cost_micros` answers for each."""
    if isinstance(rate, SteppedRate) and len(quantities) >= VECTOR_LENGTH_MIN and fits_vectors(rate, quantities):
        costs: list[Micros] = _stepped_costs(rate, np.array(quantities, dtype=np.int64)).tolist()
        return costs
    return [rate.cost_micros(quantity) for quantity in quantities]


def fits_vectors(rate: SteppedRate, quantities: Sequence[Quantity]) -> bool:
    """Whether no intermediate of rating any of these can leave 63 bits."""
    largest = max(abs(max(quantities)), abs(min(quantities)))
    numerator_max = max(
        abs(slope) * largest + abs(intercept) for slope, intercept in zip(rate.slopes, rate.intercepts, strict=True)
    )
    bound_max = rate.bounds[-1] if rate.bounds else 0
    return max(numerator_max, abs(rate.at_zero), rate.denominator, bound_max, largest) < HALF_INT64


def _stepped_costs(rate: SteppedRate, quantities: Integers) -> Integers:
    tiers = np.searchsorted(np.array(rate.bounds, dtype=np.int64), quantities, side="left")
    numerators = np.array(rate.slopes, dtype=np.int64)[tiers] * quantities
    numerators += np.array(rate.intercepts, dtype=np.int64)[tiers]
    numerators[quantities <= 0] = 0
    numerators[quantities == 0] = rate.at_zero
    return divide_half_even_vector(numerators, rate.denominator)


def divide_half_even_vector(numerators: Integers, denominator: int) -> Integers:
    """Each quotient, rounded to the nearest integer, ties to the even one."""
    if denominator == 1:
        return numerators
    quotients, rests = np.divmod(numerators, np.int64(denominator))
    rests *= 2
    quotients += (rests > denominator) | ((rests == denominator) & (quotients & 1 == 1))
    return quotients
