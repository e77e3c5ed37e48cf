"""Money: integer micro-credits, and the few exact operations on them.

One credit is 1,000,000 micro-credits. Money travels as decimal strings, because JavaScript numbers lose digits past
2^53; it is stored and added as integers; prices are `Decimal` and never rounded before the cumulative cost is.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NewType

Micros = NewType("Micros", int)
"""An amount of money in micro-credits."""

MICROS_PER_CREDIT = 1_000_000
MICROS_MAX = 2**63 - 1

EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Wide enough that a 19-digit quantity times a 38-digit price stays exact."""


CREDITS_PATTERN = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})", re.ASCII)
"""Plain decimals only: an exponent, an underscore or another script's digits are no way to write money."""


class NotMoney(ValueError):
    """The text is not an amount of credits with at most six decimals."""


def round_half_even(amount: Decimal) -> int:
    """Round to an integer, ties to the even neighbour, at any size."""
    return int(amount.to_integral_value(rounding=ROUND_HALF_EVEN, context=EXACT))


def micros_from_credits(text: str) -> Micros:
    """Read a decimal string of credits, such as `"12.5"`; refuse what a micro-credit cannot hold exactly."""
    if CREDITS_PATTERN.fullmatch(text) is None:
        raise NotMoney(f"'{text[:64]}' is not an amount; write credits as a decimal, such as 12.50")
    micros = EXACT.multiply(Decimal(text), Decimal(MICROS_PER_CREDIT))
    if micros != micros.to_integral_value(context=EXACT) or abs(micros) > MICROS_MAX:
        raise NotMoney(f"'{text}' is not an amount of credits with at most six decimals")
    return Micros(int(micros))


def credits_from_micros(micros: int) -> str:
    """Write micro-credits as a decimal string of credits, with two to six decimals and no others: `"12.50"`."""
    sign = "-" if micros < 0 else ""
    whole, fraction = divmod(abs(micros), MICROS_PER_CREDIT)
    decimals = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"


def split_by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to non-negative `weights`, so that the parts add up to it exactly.

    What integer division leaves over goes, one unit each, to the largest remainders; ties go to the earlier part.
    (The Hamilton method.) All weights zero: nothing can be split, and `ValueError` says so.
    """
    whole = sum(weights)
    if whole == 0:
        raise ValueError("cannot split by weights that are all zero")
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    left_over = abs(total) - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    for index in by_remainder[:left_over]:
        parts[index] += 1
    return [sign * part for part in parts]
