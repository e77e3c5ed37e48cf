"""Rating: price models made ready to price many quantities, in whole numbers.

A model is exact over rationals and slow. A rate is the same price as integers over one common denominator: between two
tier bounds a cost is a straight line, `intercept + slope × quantity`, so rating a quantity is a bisection, one
multiplication, one addition and one division that rounds half to even. Nothing is lost: only the last step rounds.

A rate takes micro-units of a meter and gives micro-credits. Its model may price larger units than the meter counts (a
GPU-hour of GPU-seconds): `units_per_priced_unit` says how many, and no price has to be divided by hand.
"""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Protocol

from fogbank.billing.rules.price_models import ZERO, Flat, Graduated, Package, PerUnit, QuantityModel, Volume
from fogbank.kernel.money import MICROS_PER_CREDIT, Micros
from fogbank.kernel.quantities import MICROS_PER_UNIT, Quantity


class Rate(Protocol):
    """Prices quantities in micro-units; answers in micro-credits."""

    def cost_micros(self, quantity: Quantity) -> Micros:
        """The cost of the whole quantity, rounded half to even, once."""

    def marginal_price(self, quantity: Quantity) -> Fraction:
        """What the next micro-unit after `quantity` adds, in micro-credits, leaving out flat prices."""


def divide_half_even(numerator: int, denominator: int) -> int:
    """The quotient, rounded to the nearest integer, ties to the even one; `denominator` is positive."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


@dataclass(frozen=True, slots=True)
class SteppedRate:
    """A straight line per tier. `bounds` are inclusive, in micro-units; all else are numerators over `denominator`."""

    bounds: tuple[int, ...]
    slopes: tuple[int, ...]
    intercepts: tuple[int, ...]
    at_zero: int
    denominator: int

    def cost_micros(self, quantity: Quantity) -> Micros:
        if quantity <= 0:
            return Micros(divide_half_even(self.at_zero, self.denominator) if quantity == 0 else 0)
        tier = bisect_left(self.bounds, quantity)
        return Micros(divide_half_even(self.intercepts[tier] + self.slopes[tier] * quantity, self.denominator))

    def marginal_price(self, quantity: Quantity) -> Fraction:
        return Fraction(self.slopes[bisect_left(self.bounds, quantity + 1)], self.denominator)


@dataclass(frozen=True, slots=True)
class PackageRate:
    """Whole packages after a free quantity, both in units of 1/`denominator` micro-unit; the price in micro-credits."""

    size: int
    free: int
    denominator: int
    price: Fraction
    rounds_up: bool

    def cost_micros(self, quantity: Quantity) -> Micros:
        filled = max(quantity * self.denominator - self.free, 0)
        packages = -(-filled // self.size) if self.rounds_up else filled // self.size
        return Micros(divide_half_even(packages * self.price.numerator, self.price.denominator))

    def marginal_price(self, quantity: Quantity) -> Fraction:
        """A package's price spread over what it holds, once the free quantity is used up."""
        is_free = quantity * self.denominator < self.free
        return ZERO if is_free else self.price * self.denominator / self.size


def rate_of(model: QuantityModel, units_per_priced_unit: int = 1) -> Rate:
    """`model` as a rate; one of its units is `units_per_priced_unit` whole units of the meter."""
    micro_units = units_per_priced_unit * MICROS_PER_UNIT
    match model:
        case PerUnit(unit_price):
            return _stepped((), [Fraction(unit_price)], [ZERO], ZERO, micro_units)
        case Flat(price, flat_at_zero):
            return _stepped((), [ZERO], [Fraction(price)], Fraction(price) if flat_at_zero else ZERO, micro_units)
        case Graduated() | Volume():
            slopes = [Fraction(tier.unit_price) for tier in model.tiers]
            return _stepped(model.bounds, slopes, _intercepts(model), model.cost_at_zero(), micro_units)
        case Package():
            return _packaged(model, micro_units)


def _intercepts(model: Graduated | Volume) -> list[Fraction]:
    """Where each tier's line would meet quantity zero, in credits."""
    if isinstance(model, Volume):
        return [Fraction(tier.flat_price) for tier in model.tiers]
    lowers = (ZERO, *model.bounds)
    intercepts, cost_so_far = [], ZERO
    for tier, lower, upper in zip(model.tiers, lowers, (*model.bounds, None), strict=True):
        price = Fraction(tier.unit_price)
        cost_so_far += Fraction(tier.flat_price)
        intercepts.append(cost_so_far - price * lower)
        cost_so_far += price * (upper - lower) if upper is not None else ZERO
    return intercepts


def _stepped(
    bounds: tuple[Fraction, ...],
    slopes: list[Fraction],
    intercepts: list[Fraction],
    at_zero: Fraction,
    micro_units: int,
) -> SteppedRate:
    """The lines, given in credits per priced unit, in micro-credits per micro-unit over their common denominator."""
    slopes = [slope * MICROS_PER_CREDIT / micro_units for slope in slopes]
    intercepts = [intercept * MICROS_PER_CREDIT for intercept in intercepts]
    at_zero = at_zero * MICROS_PER_CREDIT
    denominator = lcm(*(part.denominator for part in (*slopes, *intercepts, at_zero)))
    return SteppedRate(
        # A quantity is a whole number of micro-units, so it is within a bound when it is within the bound's floor.
        bounds=tuple(bound * micro_units // 1 for bound in bounds),
        slopes=tuple(int(slope * denominator) for slope in slopes),
        intercepts=tuple(int(intercept * denominator) for intercept in intercepts),
        at_zero=int(at_zero * denominator),
        denominator=denominator,
    )


def _packaged(model: Package, micro_units: int) -> PackageRate:
    size, free = Fraction(model.size) * micro_units, Fraction(model.free_quantity) * micro_units
    denominator = lcm(size.denominator, free.denominator)
    return PackageRate(
        size=int(size * denominator),
        free=int(free * denominator),
        denominator=denominator,
        price=Fraction(model.price) * MICROS_PER_CREDIT,
        rounds_up=model.rounds_up,
    )
