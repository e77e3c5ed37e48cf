"""Costs by interval add up to the month's cost, and parts to their whole, to the last micro-credit."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.costs import (
    Piece,
    Pricing,
    costs_by_instance,
    costs_by_meter,
    interval_costs,
    less,
    split_among,
    total_of,
)
from fogbank.billing.rules.price_book import PriceLine
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, QuantityModel, Volume, is_free
from fogbank.billing.rules.rating import rate_of
from fogbank.billing.rules.units import PricedUnit
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros
from fogbank.kernel.periods import Period
from fogbank.kernel.quantities import Quantities, Quantity

models = (
    st.from_type(PerUnit) | st.from_type(Flat) | st.from_type(Graduated) | st.from_type(Volume) | st.from_type(Package)
)
quantities = st.integers(0, 10**10).map(Quantity)


@given(models, st.lists(quantities, min_size=1, max_size=30))
def test_the_costs_of_a_months_intervals_add_up_to_the_months_cost(
    model: QuantityModel, increments: list[Quantity]
) -> None:
    rate = rate_of(model, 3600)
    assert sum(interval_costs(rate, Quantity(0), increments)) == rate.cost_micros(Quantity(sum(increments)))


@given(models, st.lists(quantities, min_size=2, max_size=20), st.data())
def test_a_month_looked_at_in_two_parts_costs_the_same(
    model: QuantityModel, increments: list[Quantity], data: st.DataObject
) -> None:
    rate = rate_of(model, 3600)
    cut = data.draw(st.integers(1, len(increments) - 1))
    earlier, later = increments[:cut], increments[cut:]
    parts = interval_costs(rate, Quantity(0), earlier) + interval_costs(rate, Quantity(sum(earlier)), later)
    if any(earlier):
        assert parts == interval_costs(rate, Quantity(0), increments)


@given(st.integers(-(10**12), 10**12).map(Micros), st.dictionaries(st.text(max_size=3), quantities, min_size=1))
def test_an_instances_parts_add_up_to_the_cost(cost: Micros, used: dict[str, Quantity]) -> None:
    parts = split_among(cost, used)
    assert sum(parts.values()) == cost
    assert parts.keys() == used.keys()


MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
CPU = Meter.CPU_SECONDS

used_by_instance = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.builds(lambda quantity: {CPU: quantity}, quantities), min_size=1
)


def priced_by(model: QuantityModel) -> Pricing:
    line = PriceLine(CPU, PricedUnit("s", 1), "", model, rate_of(model))
    return lambda _month_start_at: {CPU: line}


@st.composite
def pieces(draw: st.DrawFn) -> list[Piece]:
    """Days of two months, the one between them in two pieces."""
    days = [
        Period(MARCH + timedelta(days=day - 1, hours=23), MARCH + timedelta(days=day, hours=23)) for day in range(40)
    ]
    cut = [
        (month, day)
        for day in days
        for month in (
            [MARCH, APRIL] if day.start_at < APRIL < day.end_at else [MARCH if day.end_at <= APRIL else APRIL]
        )
    ]
    return [Piece(month, day, draw(used_by_instance)) for month, day in cut if draw(st.booleans())]


@given(models, pieces())
def test_costs_by_meter_and_by_instance_add_up_to_what_the_months_cost(model: QuantityModel, some: list[Piece]) -> None:
    pricing = priced_by(model)
    months = [
        sum(total_of(piece.used, CPU) for piece in some if piece.month_start_at == month) for month in (MARCH, APRIL)
    ]
    seen = {piece.month_start_at for piece in some}
    rate = pricing(MARCH)[CPU].rate
    expected = sum(
        rate.cost_micros(Quantity(total)) for month, total in zip((MARCH, APRIL), months, strict=True) if month in seen
    )
    by_instance = costs_by_instance(some, {}, pricing)
    assert sum(by_instance.values()) == expected
    assert is_free(model) or sum(costs_by_meter(some, {}, pricing).values()) == expected
    assert {interval for interval, _ in by_instance} == {piece.interval for piece in some}


@given(used_by_instance, st.data())
def test_what_is_left_and_what_was_taken_are_the_whole(whole: dict[str, Quantities], data: st.DataObject) -> None:
    part = {
        name: {CPU: Quantity(data.draw(st.integers(0, used[CPU])))}
        for name, used in whole.items()
        if data.draw(st.booleans())
    }
    rest = less(whole, part)
    assert {name: rest[name][CPU] + part.get(name, {}).get(CPU, 0) for name in whole} == {
        name: used[CPU] for name, used in whole.items()
    }
