"""How many charges a second: totals rated by ten graduated tiers, less what was charged before.

What is timed is what the charging loop does to decide a charge, from Python's integers to Python's integers: the cost
of each total and the difference to what was charged. Reading and writing rows is not. All answers are then computed
once more one by one, and a sample of them from the price's definition over rationals.
"""

import asyncio
import random
import time
from decimal import Decimal
from fractions import Fraction
from statistics import median

from fogbank.billing.rules.bulk_rating import costs_micros
from fogbank.billing.rules.price_models import Graduated, Tier
from fogbank.billing.rules.rating import Rate, divide_half_even, rate_of
from fogbank.kernel.money import MICROS_PER_CREDIT, Micros
from fogbank.kernel.quantities import MICROS_PER_UNIT, Quantity

TIERS = 10
ROUNDS = 5
BATCH = 16_384
"""As many as a pass of the charging loop prices at once, or thereabouts."""
SAMPLE = 1_000
SECONDS_PER_HOUR = 3600
TOTAL_BITS = 48


def ten_tiers() -> Graduated:
    """CPU-hours that cost less the more are used: from 0.036 for the first 100 down to 0.0315 beyond 25,600."""
    return Graduated(
        tuple(
            Tier(Decimal(100 * 2**step) if step < TIERS - 1 else None, Decimal("0.036") - step * Decimal("0.0005"))
            for step in range(TIERS)
        )
    )


async def run(*, charges: int = 1_000_000) -> dict[str, object]:
    """Rate `charges` totals several times; the median round counts."""
    return await asyncio.to_thread(_measure, charges)


def _measure(charges: int) -> dict[str, object]:
    model = ten_tiers()
    rate = rate_of(model, SECONDS_PER_HOUR)
    totals, charged = _usage(charges)
    rounds = [_timed(rate, totals, charged) for _ in range(ROUNDS)]
    seconds = [each[0] for each in rounds]
    started = time.perf_counter()
    one_by_one = [rate.cost_micros(total) - before for total, before in zip(totals, charged, strict=True)]
    one_by_one_seconds = time.perf_counter() - started
    return {
        "charges": charges,
        "tiers": TIERS,
        "rounds": ROUNDS,
        "charges_per_second": round(charges / median(seconds)),
        "charges_per_second_best": round(charges / min(seconds)),
        "charges_per_second_one_by_one": round(charges / one_by_one_seconds),
        "is_exact": rounds[-1][1] == one_by_one and _sample_is_exact(model, totals, charged, one_by_one),
    }


def _usage(charges: int) -> tuple[list[Quantity], list[Micros]]:
    """Totals of all sizes up to 78,000 CPU-hours, and what was charged for each so far."""
    dice = random.Random(0)  # noqa: S311 (a workload, not a secret; the same one every time)
    totals = [Quantity(dice.getrandbits(dice.randint(1, TOTAL_BITS))) for _ in range(charges)]
    return totals, [Micros(dice.randrange(100 * MICROS_PER_CREDIT)) for _ in range(charges)]


def _timed(rate: Rate, totals: list[Quantity], charged: list[Micros]) -> tuple[float, list[int]]:
    started = time.perf_counter()
    due: list[int] = []
    for start in range(0, len(totals), BATCH):
        costs = costs_micros(rate, totals[start : start + BATCH])
        due += [cost - before for cost, before in zip(costs, charged[start : start + BATCH], strict=True)]
    return time.perf_counter() - started, due


def _sample_is_exact(model: Graduated, totals: list[Quantity], charged: list[Micros], due: list[int]) -> bool:
    """Whether a sample of the charges is what the price says, computed over rationals."""
    for index in range(0, len(totals), max(len(totals) // SAMPLE, 1)):
        exact = model.cost(Fraction(totals[index], SECONDS_PER_HOUR * MICROS_PER_UNIT)) * MICROS_PER_CREDIT
        if divide_half_even(exact.numerator, exact.denominator) - charged[index] != due[index]:
            return False
    return True
