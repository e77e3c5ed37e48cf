"""What is due: prices that look at more than one quantity, and when each kind of price falls due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fogbank.billing.rules.price_models import ZERO, QuantityModel, Volume

PERCENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share of each event's amount, and a fee per event.

    Events are taken in order. An allowance frees the first `free_events`, up to `free_amount` of their amounts
    together: where both are given, the one used up first ends it; zero or None is no such allowance. An event wholly
    inside is free of every fee; of one that straddles the end only the rest counts. The fee is added first, then the
    least and the most that an event costs apply. Events that add up to nothing cost nothing.
    """

    rate_percent: Decimal
    fixed_fee_per_event: Decimal = Decimal(0)
    free_events: int | None = None
    free_amount: Decimal | None = None
    per_event_minimum: Decimal | None = None
    per_event_maximum: Decimal | None = None

    def cost(self, events: Sequence[Fraction]) -> Fraction:
        if not any(events):
            return ZERO
        return sum((self._event_cost(amount) for amount in self._charged_amounts(events)), ZERO)

    def _charged_amounts(self, events: Sequence[Fraction]) -> Iterator[Fraction]:
        """What is charged of each event that is not wholly inside the allowance."""
        free_events = self.free_events or (len(events) if self.free_amount else 0)
        free_amount_left = Fraction(self.free_amount) if self.free_amount else sum(events, ZERO)
        for index, amount in enumerate(events):
            free = min(amount, free_amount_left) if index < free_events else ZERO
            free_amount_left -= free
            if index >= free_events or free < amount:
                yield amount - free

    def _event_cost(self, amount: Fraction) -> Fraction:
        cost = amount * Fraction(self.rate_percent) * PERCENT + Fraction(self.fixed_fee_per_event)
        if self.per_event_minimum is not None:
            cost = max(cost, Fraction(self.per_event_minimum))
        if self.per_event_maximum is not None:
            cost = min(cost, Fraction(self.per_event_maximum))
        return cost


@dataclass(frozen=True, slots=True)
class Minimum:
    """Another price, topped up to a least amount when the period ends."""

    base: "PriceModel"
    minimum: Decimal


@dataclass(frozen=True, slots=True)
class Rounded:
    """Another price, rounded to a multiple of `step`, ties away from zero, as an invoice does."""

    base: "PriceModel"
    step: Decimal


PriceModel = QuantityModel | Percentage | Minimum | Rounded


@dataclass(frozen=True, slots=True)
class Usage:
    """What there is to price in a period: a quantity, or events; and whether the period's last segment is in."""

    quantity: Fraction = ZERO
    events: tuple[Fraction, ...] = ()
    is_final: bool = True


def counts_events(model: PriceModel) -> bool:
    """Whether `model` prices events rather than a quantity."""
    return counts_events(model.base) if isinstance(model, Minimum | Rounded) else isinstance(model, Percentage)


def amount_due(model: PriceModel, usage: Usage) -> Fraction:
    """What is due for `usage`: volume prices and minimums with the period's last segment, all else at once."""
    match model:
        case Minimum(base, minimum):
            charge = amount_due(base, usage)
            return max(charge, Fraction(minimum)) if usage.is_final else charge
        case Rounded(base, step):
            return round_half_away(amount_due(base, usage), Fraction(step))
        case Percentage():
            return model.cost(usage.events)
        case Volume() if not usage.is_final:
            return ZERO
        case _:
            return model.cost(usage.quantity)


def round_half_away(amount: Fraction, step: Fraction) -> Fraction:
    """Round to a multiple of `step`, ties away from zero: how an invoice's lines are rounded."""
    steps = (abs(amount) / step + Fraction(1, 2)) // 1
    return steps * step if amount >= 0 else -steps * step
