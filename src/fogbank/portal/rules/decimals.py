"""How many decimals an amount is shown with: a tenth of a cent is not nothing, and eight digits are not more exact."""

from fogbank.kernel.money import MICROS_PER_CREDIT

MICROS_DIGITS = 6
SIGNIFICANT = 2
"""Digits that an amount below one shows, at the least."""

FINE_DIGITS = 4
"""What a live amount is shown with while it moves so slowly that cents would stand still."""

SLOW_MICROS_PER_HOUR = MICROS_PER_CREDIT


def decimals_for(micros: int, minor_digits: int) -> int:
    """The currency's own decimals; below one, as many as show two digits that are not leading zeros, at most six."""
    size = abs(micros)
    if size == 0 or size >= MICROS_PER_CREDIT:
        return minor_digits
    leading_zeros = MICROS_DIGITS - len(str(size))
    return max(minor_digits, min(MICROS_DIGITS, leading_zeros + SIGNIFICANT))


def decimals_while_live(micros_per_hour: int, minor_digits: int) -> int:
    """More decimals where an hour moves less than one unit of currency, so that a person sees it move."""
    is_slow = 0 < micros_per_hour < SLOW_MICROS_PER_HOUR
    return max(minor_digits, FINE_DIGITS) if is_slow else minor_digits
