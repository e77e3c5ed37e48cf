"""Amounts of the books: exact, to the last decimal that they have."""

from fogbank.kernel.money import MICROS_PER_CREDIT, micros_from_credits
from fogbank.portal.formats import Formats

MICROS_DIGITS = 6
PLUS = "+"


def exact(micros: int, formats: Formats) -> str:
    """With the currency's own decimals, or as many more as the amount has, so that columns add up."""
    fraction = f"{abs(micros) % MICROS_PER_CREDIT:06d}".rstrip("0")
    return formats.money(micros, max(formats.minor_digits, len(fraction)))


def exact_of(amount: str, formats: Formats) -> str:
    return exact(micros_from_credits(amount), formats)


def change_of(amount: str, formats: Formats) -> str:
    """The same with its sign: what was given has a plus."""
    micros = micros_from_credits(amount)
    return f"{PLUS if micros > 0 else ''}{exact(micros, formats)}"
