"""What a quantity costs: exact, by the conventions, and equal to what one would count on paper."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.price_models import (
    Flat,
    Graduated,
    Package,
    PerUnit,
    QuantityModel,
    Tier,
    TiersOutOfOrder,
    Volume,
)

models = st.from_type(PerUnit) | st.from_type(Flat) | st.from_type(Graduated) | st.from_type(Volume)
quantities = st.fractions(min_value=0, max_value=20_000, max_denominator=10**6)

TIERS = (
    Tier(Decimal(5), Decimal(0), Decimal(100)),
    Tier(Decimal(10), Decimal(2), Decimal(50)),
    Tier(None, Decimal("0.5")),
)


def on_paper(model: QuantityModel, quantity: Fraction) -> Fraction:
    """The cost of more than nothing, walked through step by step."""
    match model:
        case PerUnit():
            return Fraction(model.unit_price) * quantity
        case Flat():
            return Fraction(model.price)
        case Package():
            return Fraction(model.price) * packages_on_paper(model, quantity)
        case Volume():
            tier = next(tier for tier in model.tiers if tier.up_to is None or quantity <= Fraction(tier.up_to))
            return Fraction(tier.flat_price) + Fraction(tier.unit_price) * quantity
        case Graduated():
            return climb_on_paper(model, quantity)


def packages_on_paper(model: Package, quantity: Fraction) -> int:
    paid = quantity - Fraction(model.free_quantity)
    if paid <= 0:
        return 0
    full, rest = divmod(paid, Fraction(model.size))
    return int(full) + (1 if rest and model.rounds_up else 0)


def climb_on_paper(model: Graduated, quantity: Fraction) -> Fraction:
    total, lower = Fraction(0), Fraction(0)
    for tier in model.tiers:
        if quantity > lower:
            inside = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
            total += Fraction(tier.flat_price) + (inside - lower) * Fraction(tier.unit_price)
        lower = Fraction(tier.up_to) if tier.up_to is not None else lower
    return total


@given(models | st.from_type(Package), quantities.filter(bool))
def test_every_price_is_what_one_would_count_on_paper(model: QuantityModel, quantity: Fraction) -> None:
    assert model.cost(quantity) == on_paper(model, quantity)


@given(st.from_type(Graduated), quantities, quantities)
def test_a_graduated_cost_never_falls_as_usage_rises(model: Graduated, one: Fraction, other: Fraction) -> None:
    less, more = sorted((one, other))
    assert model.cost(less) <= model.cost(more)


@given(st.from_type(Graduated), quantities, st.fractions(min_value=0, max_value=1, max_denominator=10**6))
def test_without_flat_prices_a_graduated_cost_has_no_jumps(model: Graduated, at: Fraction, step: Fraction) -> None:
    smooth = Graduated(tuple(replace(tier, flat_price=Decimal(0)) for tier in model.tiers))
    steepest = max(Fraction(tier.unit_price) for tier in smooth.tiers)
    assert smooth.cost(at + step) - smooth.cost(at) <= steepest * step


@given(st.from_type(Volume), quantities.filter(bool))
def test_a_volume_cost_is_that_of_the_tier_that_the_total_reaches(model: Volume, quantity: Fraction) -> None:
    reached = model.tiers[model.reached_by(quantity)]
    assert reached.up_to is None or quantity <= Fraction(reached.up_to)
    assert model.cost(quantity) == Fraction(reached.flat_price) + quantity * Fraction(reached.unit_price)


@given(st.from_type(Package), quantities)
def test_packages_hold_all_that_is_paid_for_and_no_package_more(model: Package, quantity: Fraction) -> None:
    paid = max(quantity - Fraction(model.free_quantity), Fraction(0))
    held = model.packages(quantity) * Fraction(model.size)
    spare = held - paid if model.rounds_up else paid - held
    assert 0 <= spare < Fraction(model.size)


@given(models)
def test_nothing_used_costs_nothing_unless_the_price_says_otherwise(model: QuantityModel) -> None:
    match model:
        case Flat(price, flat_at_zero):
            assert model.cost(Fraction(0)) == (Fraction(price) if flat_at_zero else 0)
        case Graduated() | Volume():
            assert model.cost(Fraction(0)) == (Fraction(model.tiers[0].flat_price) if model.flat_at_zero else 0)
        case _:
            assert model.cost(Fraction(0)) == 0


@given(models | st.from_type(Package), quantities.filter(bool))
def test_less_than_nothing_costs_nothing(model: QuantityModel, quantity: Fraction) -> None:
    assert model.cost(-quantity) == 0


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [
        ("0", "0", "0"),
        ("0.000001", "100", "100"),
        ("5", "100", "100"),
        ("5.001", "150.002", "60.002"),
        ("10", "160", "70"),
        ("12", "161", "6"),
    ],
)
def test_bounds_are_cumulative_and_inclusive(quantity: str, graduated: str, volume: str) -> None:
    assert Graduated(TIERS).cost(Fraction(quantity)) == Fraction(graduated)
    assert Volume(TIERS).cost(Fraction(quantity)) == Fraction(volume)


@pytest.mark.parametrize(
    "bounds", [[], [Decimal(5)], [Decimal(5), Decimal(5), None], [Decimal(0), None], [None, Decimal(5), None]]
)
def test_tiers_that_do_not_rise_or_do_not_end_open_are_refused(bounds: list[Decimal | None]) -> None:
    with pytest.raises(TiersOutOfOrder):
        Graduated(tuple(Tier(bound, Decimal(1)) for bound in bounds))
