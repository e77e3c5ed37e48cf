"""Price books: one line per meter, read from a document and written as a canonical one.

A document is what the TOML file says, or what the store gave back: `{"currency", "lines": [{"meter", "unit", "model",
…parameters}]}`. Every meter has exactly one line, and what is free says so.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

from fogbank.billing.rules.decimals import plain
from fogbank.billing.rules.price_models import QuantityModel
from fogbank.billing.rules.rating import Rate, rate_of
from fogbank.billing.rules.reading import PriceUnreadable, read_model
from fogbank.billing.rules.units import PricedUnit, priced_units
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import month_of

Document = Mapping[str, Any]

CURRENCY, LINES, METER, UNIT, MODEL = "currency", "lines", "meter", "unit", "model"


class PriceBookUnreadable(ValueError):
    """A price book that cannot be used; the text says which line and why, in one sentence."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one meter costs: a model over `unit`s of it, and the same ready to rate micro-units."""

    meter: Meter
    unit: PricedUnit
    model_name: str
    model: QuantityModel
    rate: Rate


@dataclass(frozen=True, slots=True)
class PriceBook:
    """One immutable version; it prices whole calendar months, from the one that begins at `valid_from`."""

    version: int
    valid_from: datetime
    currency: str
    lines: Mapping[Meter, PriceLine]


def canonical(document: Document, currency: str) -> Document:
    """`document` in one spelling, checked: decimals as plain strings, `currency` where it names none.

    Refused: another currency than ours, a line that cannot be read, a meter with no line or with two.
    """
    unknown = set(document) - {CURRENCY, LINES}
    if unknown:
        raise PriceBookUnreadable(f"'{min(unknown)}' is not known; a price book has a currency and lines")
    named = document.get(CURRENCY, currency)
    if named != currency:
        raise PriceBookUnreadable(f"it is in {named}, but a credit here is one {currency}")
    spelled = {CURRENCY: currency, LINES: [_spelled(line) for line in _line_tables(document)]}
    read_lines(spelled)
    return spelled


def _line_tables(document: Document) -> list[Mapping[str, Any]]:
    lines = document.get(LINES)
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise PriceBookUnreadable("it needs [[lines]], one for each meter")
    return lines


def _spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_spelled(inner) for inner in value]
    return plain(value) if isinstance(value, Decimal) else value


def content_hash(document: Document) -> str:
    """What a canonical document says, as SHA-256: the same prices have the same hash."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_lines(document: Document) -> Mapping[Meter, PriceLine]:
    """The lines of a canonical document, by meter, in the meters' order."""
    lines: dict[Meter, PriceLine] = {}
    for number, table in enumerate(_line_tables(document), 1):
        line = _read_line(number, table)
        if line.meter in lines:
            raise PriceBookUnreadable(f"line {number}: {line.meter} has a line already")
        lines[line.meter] = line
    for meter in Meter:
        if meter not in lines:
            raise PriceBookUnreadable(f"{meter} has no line; what is free needs one with unit_price = '0'")
    return {meter: lines[meter] for meter in Meter}


def _read_line(number: int, table: Mapping[str, Any]) -> PriceLine:
    parameters = dict(table)
    meter = _meter(number, parameters.pop(METER, None))
    unit = _unit(number, meter, parameters.pop(UNIT, None))
    model_name = parameters.pop(MODEL, None)
    try:
        model = read_model(model_name, parameters)
    except PriceUnreadable as error:
        raise PriceBookUnreadable(f"line {number} ({meter}): {error}") from None
    if not isinstance(model, get_args(QuantityModel)):
        raise PriceBookUnreadable(f"line {number} ({meter}): a meter cannot be priced by {model_name} or rounded")
    return PriceLine(meter, unit, str(model_name), model, rate_of(model, unit.meter_units))


def _meter(number: int, name: object) -> Meter:
    try:
        return Meter(str(name))
    except ValueError:
        raise PriceBookUnreadable(f"line {number}: {name!r} is not a meter; there are {_names(Meter)}") from None


def _unit(number: int, meter: Meter, name: object) -> PricedUnit:
    for unit in priced_units(meter):
        if unit.name == name:
            return unit
    names = _names(unit.name for unit in priced_units(meter))
    raise PriceBookUnreadable(f"line {number} ({meter}): the unit must be one of {names}, not {name!r}")


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def book_for(books: Iterable[PriceBook], instant: datetime) -> PriceBook:
    """The version that prices the month of `instant`: the latest of those valid when the month began.

    A month has one price: usage that was priced is never priced anew because prices changed.
    """
    month_start_at = month_of(instant).start_at
    valid = [book for book in books if book.valid_from <= month_start_at]
    return max(valid, key=lambda book: (book.valid_from, book.version))
