"""Reading price models: from a name and its parameters, as price books and price checks write them.

Every parameter is known or refused: a misspelled `free_quantity` must not become a price.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fogbank.billing.rules.decimals import NotDecimal, decimal_of
from fogbank.billing.rules.due import Minimum, Percentage, PriceModel, Rounded
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, Tier, TiersOutOfOrder, Volume

ROUND_UP, ROUND_DOWN = "up", "down"
INCLUSIVE = "inclusive"


class PriceUnreadable(ValueError):
    """A price model that cannot be read; the text names the model, the parameter and what is wrong."""


class Parameters:
    """A model's parameters, each taken by name and kind; what nobody took is refused at the end."""

    def __init__(self, model: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise PriceUnreadable(f"{model}: the parameters must be a table")
        self.model = model
        self._values: dict[str, Any] = dict(values)

    def refuse(self, name: str, reason: str) -> PriceUnreadable:
        return PriceUnreadable(f"{self.model}: '{name}' {reason}")

    def optional_decimal(self, name: str) -> Decimal | None:
        value = self._values.pop(name, None)
        if value is None:
            return None
        try:
            return decimal_of(value)
        except NotDecimal as error:
            raise self.refuse(name, f"cannot be read: {error}") from None

    def decimal(self, name: str, default: Decimal | None = None) -> Decimal:
        value = self.optional_decimal(name)
        value = default if value is None else value
        if value is None:
            raise self.refuse(name, "is missing")
        return value

    def amount(self, name: str, default: Decimal | None = None) -> Decimal:
        value = self.decimal(name, default)
        if value < 0:
            raise self.refuse(name, "must not be negative")
        return value

    def count(self, name: str) -> int | None:
        value = self.optional_decimal(name)
        if value is not None and (value < 0 or value != value.to_integral_value()):
            raise self.refuse(name, "must be a whole number")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        value = self._values.pop(name, None)
        if value is not None and not isinstance(value, bool):
            raise self.refuse(name, "must be true or false")
        return value or False

    def choice(self, name: str, *choices: str) -> str:
        """One of `choices`; the first where it is absent."""
        value = self._values.pop(name, choices[0])
        if value not in choices:
            raise self.refuse(name, f"must be {' or '.join(choices)}, not {value!r}")
        return str(value)

    def value(self, name: str) -> Any:
        if name not in self._values:
            raise self.refuse(name, "is missing")
        return self._values.pop(name)

    def nothing_left(self) -> None:
        for name in self._values:
            raise self.refuse(name, "is not known")


def _tiers(parameters: Parameters) -> tuple[Tier, ...]:
    rows = parameters.value("tiers")
    if not isinstance(rows, list | tuple):
        raise parameters.refuse("tiers", "must be a list of tiers")
    return tuple(_tier(f"{parameters.model} tier {number}", row) for number, row in enumerate(rows, 1))


def _tier(name: str, row: object) -> Tier:
    parameters = Parameters(name, row)
    tier = Tier(
        up_to=parameters.optional_decimal("up_to"),
        unit_price=parameters.amount("unit_price", Decimal(0)),
        flat_price=parameters.amount("flat_price", Decimal(0)),
    )
    parameters.nothing_left()
    return tier


def _read_graduated(parameters: Parameters) -> Graduated:
    parameters.choice("tier_bound", INCLUSIVE)
    return Graduated(_tiers(parameters), parameters.flag("flat_at_zero"))


def _read_volume(parameters: Parameters) -> Volume:
    parameters.choice("tier_bound", INCLUSIVE)
    return Volume(_tiers(parameters), parameters.flag("flat_at_zero"))


def _read_package(parameters: Parameters) -> Package:
    size = parameters.amount("package_size")
    if size == 0:
        raise parameters.refuse("package_size", "must be above zero")
    return Package(
        size,
        parameters.amount("package_price"),
        parameters.amount("free_quantity", Decimal(0)),
        parameters.choice("round", ROUND_UP, ROUND_DOWN) == ROUND_UP,
    )


def _read_percentage(parameters: Parameters) -> Percentage:
    return Percentage(
        rate_percent=parameters.amount("rate_percent"),
        fixed_fee_per_event=parameters.amount("fixed_fee_per_event", Decimal(0)),
        free_events=parameters.count("free_events"),
        free_amount=parameters.optional_decimal("free_amount"),
        per_event_minimum=parameters.optional_decimal("per_event_minimum"),
        per_event_maximum=parameters.optional_decimal("per_event_maximum"),
    )


def _read_minimum(parameters: Parameters) -> Minimum:
    base = Parameters("minimum base", parameters.value("base"))
    model = read_model(base.value("model"), base.value("params"))
    base.nothing_left()
    return Minimum(model, parameters.amount("minimum"))


def _read_rounded(model: PriceModel, parameters: Parameters) -> PriceModel:
    step = parameters.optional_decimal("round_to")
    if step is not None and step <= 0:
        raise parameters.refuse("round_to", "must be above zero")
    return model if step is None else Rounded(model, step)


READERS: dict[str, Callable[[Parameters], PriceModel]] = {
    "flat": lambda parameters: Flat(parameters.amount("price"), parameters.flag("flat_at_zero")),
    "per_unit": lambda parameters: PerUnit(parameters.amount("unit_price")),
    "flat_per_unit": lambda parameters: PerUnit(parameters.amount("unit_price")),
    "graduated": _read_graduated,
    "volume": _read_volume,
    "package": _read_package,
    "percentage": _read_percentage,
    "minimum": _read_minimum,
}
"""`flat_per_unit` is what the wider world calls `per_unit`. Each also takes `round_to`."""


def read_model(name: object, values: object) -> PriceModel:
    """The price model called `name` with parameters `values`; `PriceUnreadable` says what is wrong with it."""
    reader = READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise PriceUnreadable(f"{name!r} is not a price model; there are {', '.join(READERS)}")
    parameters = Parameters(str(name), values)
    try:
        model = _read_rounded(reader(parameters), parameters)
    except TiersOutOfOrder as error:
        raise PriceUnreadable(f"{name}: {error}") from None
    parameters.nothing_left()
    return model
