"""Quantities: exact integers in micro-units, so that any two ways of adding them agree to the last unit.

Two roundings exist, and both happen once per reading, before anything is added:

* a metric on the wire is a JSON number, that is an IEEE 754 double; `metric_micros` scales it by 1e6 and rounds half to
  even. The usage store does the same operation on the same doubles, so both give the same integer;
* a gauge (memory, storage) becomes a quantity by multiplying with the period's length; `gauge_seconds_micros` does that
  in integers and rounds half up.
"""

import re
from decimal import Context, Decimal
from typing import NewType

from fogbank.kernel.meters import Meter

Quantity = NewType("Quantity", int)
"""How much of a meter, in micro-units of it."""

Quantities = dict[Meter, Quantity]

MICROS_PER_UNIT = 1_000_000
MICROSECONDS_PER_SECOND = 1_000_000

QUANTITY_PATTERN = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,20})?", re.ASCII)
EXACT = Context(prec=60)
"""Wide enough for every text that the pattern lets through, so that scaling never rounds."""


def metric_micros(value: float) -> int:
    """A metric from the wire in micro-units: scaled as a double, rounded half to even."""
    return round(value * 1e6)


def gauge_seconds_micros(gauge_micros: int, length_us: int) -> Quantity:
    """A gauge held for `length_us` microseconds, in micro-unit-seconds, rounded half up."""
    return Quantity((gauge_micros * length_us + MICROSECONDS_PER_SECOND // 2) // MICROSECONDS_PER_SECOND)


def quantity_from_decimal(text: str) -> Quantity:
    """Read a decimal string of whole units, such as `"5.001"`; more than six decimals are refused, never dropped."""
    if QUANTITY_PATTERN.fullmatch(text) is None:
        raise ValueError(f"'{text[:64]}' is not a quantity; write it as a decimal, such as 5.001")
    micros = Decimal(text).scaleb(6, EXACT)
    if micros != micros.to_integral_value(context=EXACT):
        raise ValueError(f"'{text}' has more than six decimals")
    return Quantity(int(micros))


def decimal_text(micros: int) -> str:
    """Micro-units as a decimal string of whole units, without needless zeros: `"12.5"`."""
    sign, (whole, fraction) = "-" if micros < 0 else "", divmod(abs(micros), MICROS_PER_UNIT)
    return f"{sign}{whole}.{fraction:06d}".rstrip("0") if fraction else f"{sign}{whole}"


def decimal_from_quantity(quantity: int) -> Decimal:
    """A quantity in whole units."""
    return Decimal(quantity).scaleb(-6, EXACT)
