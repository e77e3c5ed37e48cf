"""Live money: what running as now costs per hour, how long the credit lasts, and where the month will end."""

from dataclasses import dataclass
from fractions import Fraction

from fogbank.billing.rules.price_book import PriceLine
from fogbank.billing.rules.rating import divide_half_even
from fogbank.kernel.money import Micros
from fogbank.kernel.quantities import Quantity

SECONDS_PER_HOUR = 3600
RUNWAY_SECONDS_MAX = 100 * 365 * 24 * SECONDS_PER_HOUR
"""A century of credit is as good as no end."""


@dataclass(frozen=True, slots=True)
class MeterBurn:
    """One meter of a payer's month, as it runs now. The price per second is exact, in micro-credits."""

    quantity: Quantity
    cost_micros: Micros
    per_second: Fraction
    forecast_micros: Micros

    @property
    def per_hour_micros(self) -> Micros:
        return micros_per_hour(self.per_second)


def meter_burn(line: PriceLine, quantity: Quantity, per_second: Fraction, seconds_left: int) -> MeterBurn:
    """What `quantity` so far costs, and what it becomes when `per_second` micro-units are added until the month ends.

    The present rate is priced as the next unit is; the forecast goes through whatever tiers lie ahead.
    """
    return MeterBurn(
        quantity=quantity,
        cost_micros=line.rate.cost_micros(quantity),
        per_second=line.rate.marginal_price(quantity) * per_second,
        forecast_micros=line.rate.cost_micros(Quantity(quantity + int(per_second * seconds_left))),
    )


def micros_per_hour(per_second: Fraction) -> Micros:
    """A price per second, per hour, rounded half to even to a micro-credit."""
    per_hour = per_second * SECONDS_PER_HOUR
    return Micros(divide_half_even(per_hour.numerator, per_hour.denominator))


def runway_seconds(available_micros: int, per_second: Fraction) -> int | None:
    """How long the credit lasts at this price per second; None while nothing is spent, or for more than a century."""
    if per_second <= 0:
        return None
    seconds = max(int(available_micros / per_second), 0)
    return seconds if seconds <= RUNWAY_SECONDS_MAX else None
