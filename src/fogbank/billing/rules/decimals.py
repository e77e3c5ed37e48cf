"""Decimal strings in and out: what people write is read exactly, or refused."""

import re
from decimal import Decimal
from fractions import Fraction

DIGITS_MAX = 38
"""As wide as the columns that keep prices, `numeric(38, 18)`."""

DECIMAL = re.compile(r"[+-]?(\d+)(?:\.(\d+))?", re.ASCII)


class NotDecimal(ValueError):
    """The text is not a plain decimal number of at most 38 digits."""


def decimal_of(value: object) -> Decimal:
    """Read `"12.5"`, or an integer. Binary floats, exponents, NaN and more than 38 digits are refused."""
    text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
    matched = DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        raise NotDecimal(f"{value!r} is not a decimal number such as '12.50'")
    if sum(len(part or "") for part in matched.groups()) > DIGITS_MAX:
        raise NotDecimal(f"'{text}' has more than {DIGITS_MAX} digits")
    return Decimal(matched.string)


def plain(amount: Decimal) -> str:
    """`amount` without exponent or needless zeros, such as `"0.036"`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_fraction(amount: Fraction) -> str:
    """A rational as the decimal it is equal to; one without an end, as `"1/3"`."""
    scale = _scale_of(amount.denominator)
    if scale is None:
        return f"{amount.numerator}/{amount.denominator}"
    whole = amount * 10**scale
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole.numerator)).rjust(scale + 1, "0")
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def _scale_of(denominator: int) -> int | None:
    """How many decimals write a rational with this denominator; None where none do."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
