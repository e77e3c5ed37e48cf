"""What is due: percentages of events, minimums, and what waits for the period's last segment."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.due import Minimum, Percentage, Rounded, Usage, amount_due, round_half_away
from fogbank.billing.rules.price_models import PerUnit, Volume

amounts = st.fractions(min_value=0, max_value=10_000, max_denominator=100)


def cost(model: Percentage, *events: str) -> Fraction:
    return model.cost([Fraction(event) for event in events])


@pytest.mark.parametrize(
    ("free_events", "free_amount", "expected"),
    [
        (None, None, "18.4"),
        (3, None, "7.2"),
        (None, "250", "11.15"),
        (3, "250", "11.15"),
        (3, "500", "7.2"),
        (5, None, "0"),
        (0, "0", "18.4"),
        (2, "0", "12.45"),
        (None, "150", "12.45"),
    ],
)
def test_the_allowance_that_is_used_up_first_ends_what_is_free(
    free_events: int | None, free_amount: str | None, expected: str
) -> None:
    model = Percentage(Decimal("1.3"), Decimal(2), free_events, Decimal(free_amount) if free_amount else None)
    assert cost(model, "50", "100", "250", "400") == Fraction(expected)


@pytest.mark.parametrize(
    ("fee", "free_events", "free_amount", "expected"),
    [
        ("0", None, None, "16.142"),
        ("2", None, None, "18.691"),
        ("0", 2, None, "12"),
        ("0", None, "30", "13.794"),
        ("0", 3, "10000", "2.691"),
    ],
)
def test_the_fee_is_added_before_the_least_and_the_most_of_an_event(
    fee: str, free_events: int | None, free_amount: str | None, expected: str
) -> None:
    model = Percentage(
        Decimal("2.99"),
        Decimal(fee),
        free_events,
        Decimal(free_amount) if free_amount else None,
        Decimal("1.75"),
        Decimal(12),
    )
    assert cost(model, "10", "80", "10000") == Fraction(expected)


def test_events_that_add_up_to_nothing_cost_nothing() -> None:
    assert cost(Percentage(Decimal(1), Decimal(2))) == 0
    assert cost(Percentage(Decimal(1), Decimal(2)), "0", "0") == 0


@given(st.lists(amounts, min_size=1), st.decimals(min_value=0, max_value=100, places=3))
def test_without_fees_and_allowances_a_percentage_is_one_of_the_sum(events: list[Fraction], rate: Decimal) -> None:
    assert Percentage(rate).cost(events) == sum(events, Fraction(0)) * Fraction(rate) / 100


@given(amounts, st.decimals(min_value=0, max_value=100, places=2), st.decimals(min_value=0, max_value=10**6, places=2))
def test_a_minimum_is_topped_up_with_the_last_segment_only(quantity: Fraction, price: Decimal, least: Decimal) -> None:
    model = Minimum(PerUnit(price), least)
    base = Fraction(price) * quantity
    assert amount_due(model, Usage(quantity, is_final=False)) == base
    assert amount_due(model, Usage(quantity)) == max(base, Fraction(least))


@given(st.from_type(Volume), amounts)
def test_a_volume_price_waits_for_the_last_segment(model: Volume, quantity: Fraction) -> None:
    assert amount_due(model, Usage(quantity, is_final=False)) == 0
    assert amount_due(model, Usage(quantity)) == model.cost(quantity)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.004999", "1"), ("2.675", "2.68"), ("0", "0")]
)
def test_invoices_round_ties_away_from_zero(amount: str, rounded: str) -> None:
    assert round_half_away(Fraction(amount), Fraction("0.01")) == Fraction(rounded)
    model = Rounded(PerUnit(abs(Decimal(amount))), Decimal("0.01"))
    assert amount_due(model, Usage(Fraction(1))) == abs(Fraction(rounded))


@given(st.fractions(), st.sampled_from([Fraction(1), Fraction("0.01"), Fraction("0.05")]))
def test_rounding_moves_an_amount_by_at_most_half_a_step(amount: Fraction, step: Fraction) -> None:
    rounded = round_half_away(amount, step)
    assert rounded % step == 0
    assert abs(rounded - amount) <= step / 2
