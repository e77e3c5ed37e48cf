"""Price models: what a quantity costs.

Everything here is exact. Prices are decimals, quantities and costs are rationals, and nothing is rounded: a cost
becomes money once, where it is charged. The conventions are the sane ones of those in use elsewhere:

* a tier's bound is cumulative and inclusive, quantities may be fractions, the last tier is open-ended;
* a tier's flat price falls due as soon as anything falls into the tier;
* at quantity zero nothing is due, unless `flat_at_zero` says that the first tier's flat price is;
* less than nothing reaches no tier and costs nothing.
"""

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Every unit costs the same."""

    unit_price: Decimal

    def cost(self, quantity: Fraction) -> Fraction:
        return Fraction(self.unit_price) * max(quantity, ZERO)


@dataclass(frozen=True, slots=True)
class Flat:
    """Any usage at all costs the same; `flat_at_zero`: no usage does, too."""

    price: Decimal
    flat_at_zero: bool = False

    def cost(self, quantity: Fraction) -> Fraction:
        return Fraction(self.price) if quantity > 0 or (self.flat_at_zero and quantity == 0) else ZERO


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a price: up to and including `up_to`, a unit price and a flat price. `up_to` None is open-ended."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_price: Decimal = Decimal(0)


class TiersOutOfOrder(ValueError):
    """Tiers do not rise, or do not end open."""


@dataclass(frozen=True, slots=True)
class Tiered:
    """What graduated and volume prices share: tiers whose bounds rise and whose last one is open-ended."""

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False

    def __post_init__(self) -> None:
        if not self.tiers or self.tiers[-1].up_to is not None:
            raise TiersOutOfOrder("the last tier must be open-ended")
        bounds = self.bounds
        if any(bound <= 0 for bound in bounds) or list(bounds) != sorted(set(bounds)):
            raise TiersOutOfOrder("the tiers' bounds must be above zero and rise")

    @property
    def bounds(self) -> tuple[Fraction, ...]:
        """The inclusive upper bounds, without the last tier's, which has none."""
        if any(tier.up_to is None for tier in self.tiers[:-1]):
            raise TiersOutOfOrder("only the last tier may be open-ended")
        return tuple(Fraction(tier.up_to) for tier in self.tiers if tier.up_to is not None)

    def reached_by(self, quantity: Fraction) -> int:
        """The index of the tier that `quantity` ends in: bounds are inclusive."""
        return bisect_left(self.bounds, quantity)

    def cost_at_zero(self) -> Fraction:
        return Fraction(self.tiers[0].flat_price) if self.flat_at_zero else ZERO


@dataclass(frozen=True, slots=True)
class Graduated(Tiered):
    """Each tier prices only the units inside it, and adds its flat price once anything falls into it."""

    def cost(self, quantity: Fraction) -> Fraction:
        if quantity <= 0:
            return self.cost_at_zero() if quantity == 0 else ZERO
        total, lower = ZERO, ZERO
        for tier in self.tiers[: self.reached_by(quantity) + 1]:
            upper = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
            total += Fraction(tier.flat_price) + Fraction(tier.unit_price) * (upper - lower)
            lower = upper
        return total


@dataclass(frozen=True, slots=True)
class Volume(Tiered):
    """The tier that the total reaches prices all units, and adds its flat price. The cost may fall as usage rises."""

    def cost(self, quantity: Fraction) -> Fraction:
        if quantity <= 0:
            return self.cost_at_zero() if quantity == 0 else ZERO
        tier = self.tiers[self.reached_by(quantity)]
        return Fraction(tier.flat_price) + Fraction(tier.unit_price) * quantity


@dataclass(frozen=True, slots=True)
class Package:
    """Units are sold in packages, after what is free; a begun one counts whole, or, unless `rounds_up`, not at all."""

    size: Decimal
    price: Decimal
    free_quantity: Decimal = Decimal(0)
    rounds_up: bool = True

    def __post_init__(self) -> None:
        if self.size <= 0:
            raise ValueError("a package holds more than nothing")

    def cost(self, quantity: Fraction) -> Fraction:
        return Fraction(self.price) * self.packages(quantity)

    def packages(self, quantity: Fraction) -> int:
        filled = max(quantity - Fraction(self.free_quantity), ZERO) / Fraction(self.size)
        return -(-filled // 1) if self.rounds_up else filled // 1


QuantityModel = PerUnit | Flat | Graduated | Volume | Package
"""A price of one total quantity: what a price book's line can have."""


def is_free(model: QuantityModel) -> bool:
    """Whether no quantity costs anything."""
    match model:
        case PerUnit(unit_price):
            return unit_price == 0
        case Flat(price) | Package(price=price):
            return price == 0
        case Graduated(tiers) | Volume(tiers):
            return all(tier.unit_price == 0 and tier.flat_price == 0 for tier in tiers)
