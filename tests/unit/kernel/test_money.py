"""Money: no text, no sum and no split ever gains or loses a micro-credit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.money import (
    MICROS_MAX,
    NotMoney,
    credits_from_micros,
    micros_from_credits,
    round_half_even,
    split_by_largest_remainder,
)

micros = st.integers(min_value=-MICROS_MAX, max_value=MICROS_MAX)
weights = st.lists(st.integers(min_value=0, max_value=10**18), min_size=1, max_size=20).filter(any)


@given(micros)
def test_what_is_written_reads_back_as_the_same_amount(amount_micros: int) -> None:
    assert micros_from_credits(credits_from_micros(amount_micros)) == amount_micros


@pytest.mark.parametrize(
    ("amount_micros", "text"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (-1, "-0.000001"),
        (12_500_000, "12.50"),
        (12_345_000, "12.345"),
        (-12_000_000, "-12.00"),
        (MICROS_MAX, "9223372036854.775807"),
    ],
)
def test_amounts_are_written_with_two_to_six_decimals(amount_micros: int, text: str) -> None:
    assert credits_from_micros(amount_micros) == text


@given(micros)
def test_a_written_amount_is_the_amount(amount_micros: int) -> None:
    assert Decimal(credits_from_micros(amount_micros)) * 1_000_000 == amount_micros


@pytest.mark.parametrize(
    ("text", "amount_micros"), [("1", 10**6), ("1.", 10**6), (".5", 500_000), ("+2.50", 2_500_000)]
)
def test_people_may_write_decimals_as_they_are_used_to(text: str, amount_micros: int) -> None:
    assert micros_from_credits(text) == amount_micros


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "-", ".", "abc", "1,50", "1 000", "1_000", "１", " 1", "1\n", "0x10"],
        *["NaN", "sNaN", "Infinity", "-inf", "1e3", "1e9999999", "1e-9999999"],
        *["0.0000001", "1.0000005", "1." + "0" * 90 + "1"],
        *["9223372036854.775808", "-9223372036854.775808", "1" * 400],
    ],
)
def test_what_a_micro_credit_cannot_hold_exactly_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        micros_from_credits(text)


@given(st.text(max_size=50))
def test_any_text_is_an_amount_or_refused_as_none(text: str) -> None:
    try:
        amount_micros = micros_from_credits(text)
    except NotMoney:
        return
    assert abs(amount_micros) <= MICROS_MAX


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.5", 0), ("1.5", 2), ("2.5", 2), ("-0.5", 0), ("-1.5", -2), ("0.500000000000000001", 1), ("-2.50001", -3)],
)
def test_ties_round_to_the_even_neighbour(amount: str, rounded: int) -> None:
    assert round_half_even(Decimal(amount)) == rounded


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40, places=18))
def test_rounding_agrees_with_exact_fractions_at_any_size(amount: Decimal) -> None:
    assert round_half_even(amount) == round(Fraction(amount))


@given(micros, weights)
def test_the_parts_of_a_split_add_up_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(split_by_largest_remainder(total, weights)) == total


@given(micros, weights)
def test_each_part_is_within_one_unit_of_its_exact_share(total: int, weights: list[int]) -> None:
    for part, weight in zip(split_by_largest_remainder(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(micros, weights)
def test_a_refund_is_split_as_its_charge_was(total: int, weights: list[int]) -> None:
    assert split_by_largest_remainder(-total, weights) == [-part for part in split_by_largest_remainder(total, weights)]


@given(micros, weights)
def test_a_weight_of_zero_gets_nothing(total: int, weights: list[int]) -> None:
    parts = split_by_largest_remainder(total, weights)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_what_is_left_over_goes_to_the_largest_remainders_and_ties_to_the_earlier_part() -> None:
    assert split_by_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_largest_remainder(10, [3, 3, 1]) == [4, 4, 2]


def test_nothing_can_be_split_by_weights_that_are_all_zero() -> None:
    with pytest.raises(ValueError, match="all zero"):
        split_by_largest_remainder(1, [0, 0])
