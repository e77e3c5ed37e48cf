"""Rates are prices in whole numbers: nothing is lost but the one rounding, and slices do not matter."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.bulk_rating import HALF_INT64, VECTOR_LENGTH_MIN, costs_micros, fits_vectors
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, QuantityModel, Tier, Volume
from fogbank.billing.rules.rating import SteppedRate, divide_half_even, rate_of
from fogbank.kernel.money import MICROS_PER_CREDIT, round_half_even
from fogbank.kernel.quantities import MICROS_PER_UNIT, Quantity

models: st.SearchStrategy[QuantityModel] = (
    st.from_type(PerUnit) | st.from_type(Flat) | st.from_type(Graduated) | st.from_type(Volume) | st.from_type(Package)
)
quantities = st.integers(0, 10**12).map(Quantity)
priced_units = st.sampled_from([1, 1000, 3600])


def exact_micros(model: QuantityModel, quantity: int, meter_units: int) -> Fraction:
    return model.cost(Fraction(quantity, MICROS_PER_UNIT * meter_units)) * MICROS_PER_CREDIT


@given(models, quantities, priced_units)
def test_a_rate_is_its_model_rounded_half_to_even_once(
    model: QuantityModel, quantity: Quantity, meter_units: int
) -> None:
    exact = exact_micros(model, quantity, meter_units)
    assert rate_of(model, meter_units).cost_micros(quantity) == divide_half_even(exact.numerator, exact.denominator)


@given(models, st.lists(quantities, min_size=1, max_size=12), st.randoms())
def test_however_usage_is_sliced_the_charges_add_up_to_the_price_of_the_total(
    model: QuantityModel, slices: list[Quantity], random: Random
) -> None:
    rate = rate_of(model)
    random.shuffle(slices)
    total, charged = 0, 0
    for part in slices:
        total += part
        charged += rate.cost_micros(Quantity(total)) - charged
    assert charged == rate.cost_micros(Quantity(sum(slices)))


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
def test_integer_division_rounds_as_decimals_do(numerator: int, denominator: int) -> None:
    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_a_tie_goes_to_the_even_neighbour(below: int, half: int) -> None:
    assert divide_half_even((2 * below + 1) * half, 2 * half) == below + below % 2


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=9))
def test_integer_division_rounds_as_the_kernel_does(amount: Decimal) -> None:
    assert divide_half_even(*amount.as_integer_ratio()) == round_half_even(amount)


@given(
    models,
    st.lists(quantities | st.integers(0, 10**30).map(Quantity), min_size=1, max_size=8),
    st.sampled_from([1, 200]),
)
def test_rating_in_bulk_is_rating_one_by_one(model: QuantityModel, some: list[Quantity], times: int) -> None:
    rate, many = rate_of(model), some * times
    assert costs_micros(rate, many) == [rate.cost_micros(quantity) for quantity in many]


@given(st.lists(st.integers(0, 2**61).map(Quantity), min_size=1, max_size=20))
def test_vectors_hold_right_up_to_where_they_are_proved_to(some: list[Quantity]) -> None:
    rate, many = SteppedRate((10, 10**6), (1, 2, 1), (0, 5, 10**6), at_zero=3, denominator=7), some * VECTOR_LENGTH_MIN
    assert fits_vectors(rate, many) == (max(many) * 2 + 5 < HALF_INT64)
    assert costs_micros(rate, many) == [rate.cost_micros(quantity) for quantity in many]


def test_ties_go_to_the_even_neighbour_in_vectors_too() -> None:
    rate = rate_of(PerUnit(Decimal("0.5")))
    assert costs_micros(rate, [Quantity(quantity) for quantity in range(VECTOR_LENGTH_MIN)]) == [
        round(Fraction(quantity, 2)) for quantity in range(VECTOR_LENGTH_MIN)
    ]


def test_a_price_per_hour_needs_no_exact_price_per_second() -> None:
    rate = rate_of(PerUnit(Decimal("0.04")), 3600)
    assert rate.cost_micros(Quantity(3600 * MICROS_PER_UNIT)) == 40_000
    assert rate.cost_micros(Quantity(900 * MICROS_PER_UNIT)) == 10_000


@pytest.mark.parametrize(("used", "next_price"), [(0, "3"), (999_999, "3"), (1_000_000, "2"), (5_000_000, "2")])
def test_the_marginal_price_is_the_next_units(used: int, next_price: str) -> None:
    tiers = (Tier(Decimal(1), Decimal(3)), Tier(None, Decimal(2)))
    assert rate_of(Graduated(tiers)).marginal_price(Quantity(used)) == Fraction(next_price)


def test_a_package_is_spread_over_what_it_holds_once_the_free_quantity_is_used() -> None:
    rate = rate_of(Package(Decimal(10), Decimal(5), Decimal(2)))
    assert rate.marginal_price(Quantity(1_999_999)) == 0
    assert rate.marginal_price(Quantity(2_000_000)) == Fraction(1, 2)
