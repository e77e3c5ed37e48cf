"""Quantities: two roundings, each once per reading, and exact from there on."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.quantities import (
    decimal_from_quantity,
    decimal_text,
    gauge_seconds_micros,
    metric_micros,
    quantity_from_decimal,
)

INT64_MAX = 2**63 - 1
gauges_micros = st.integers(min_value=0, max_value=10**15)
lengths_us = st.integers(min_value=1, max_value=3600 * 10**6)


@pytest.mark.parametrize(
    ("metric", "micros"),
    [(0, 0), (30, 30_000_000), (12.5, 12_500_000), (0.1, 100_000), (4.2, 4_200_000), (1e9, 10**15)],
)
def test_a_metric_becomes_micro_units(metric: float, micros: int) -> None:
    assert metric_micros(metric) == micros


@given(st.integers(min_value=0, max_value=10**15))
def test_six_decimals_of_a_metric_survive_the_double_they_travel_in(micros: int) -> None:
    assert metric_micros(micros / 1e6) == micros


@given(gauges_micros, lengths_us)
def test_a_gauge_is_multiplied_by_the_periods_length_and_rounded_half_up(gauge_micros: int, length_us: int) -> None:
    exact = Fraction(gauge_micros * length_us, 10**6)
    assert gauge_seconds_micros(gauge_micros, length_us) == (exact + Fraction(1, 2)) // 1


def test_a_gauge_held_for_half_a_micro_unit_second_rounds_up() -> None:
    assert gauge_seconds_micros(1, 500_000) == 1
    assert gauge_seconds_micros(1, 499_999) == 0


@given(gauges_micros, lengths_us)
def test_the_largest_gauge_over_the_longest_period_fits_64_bits(gauge_micros: int, length_us: int) -> None:
    assert gauge_seconds_micros(gauge_micros, length_us) <= INT64_MAX


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_what_is_written_reads_back_as_the_same_quantity(quantity: int) -> None:
    assert quantity_from_decimal(f"{decimal_from_quantity(quantity):f}") == quantity


def test_whole_units_are_millions_of_micro_units() -> None:
    assert quantity_from_decimal("5.001") == 5_001_000
    assert decimal_from_quantity(5_001_000) == Decimal("5.001")


@pytest.mark.parametrize("text", ["5.0000001", "1234567890123456789012345678.0000001", "1." + "0" * 19 + "1"])
def test_more_than_six_decimals_are_refused_never_dropped(text: str) -> None:
    with pytest.raises(ValueError, match="more than six decimals"):
        quantity_from_decimal(text)


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e5", "1_0", "٣", "1" * 31])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        quantity_from_decimal(text)


@given(st.integers(-(10**30), 10**30))
def test_a_quantity_is_written_exactly_and_without_needless_zeros(micros: int) -> None:
    text = decimal_text(micros)
    assert Fraction(text) == Fraction(micros, 10**6)
    assert not ("." in text and text.endswith("0"))
