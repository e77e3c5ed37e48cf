"""Price books: one spelling, one line per meter, and one price per month."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fogbank.billing.rules.price_book import (
    PriceBook,
    PriceBookUnreadable,
    book_for,
    canonical,
    content_hash,
    read_lines,
)
from fogbank.billing.service.price_books import DEFAULT_PRICES, PriceBooks, read_price_book
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import EPOCH
from fogbank.kernel.quantities import MICROS_PER_UNIT, Quantity


def default_document() -> dict[str, Any]:
    return tomllib.loads(DEFAULT_PRICES.read_text("utf-8"), parse_float=Decimal)


def with_line(**changes: Any) -> dict[str, Any]:
    """The default prices with another line for CPU."""
    document = default_document()
    document["lines"][0] = {"meter": "cpu_seconds", "unit": "CPU-hour", "model": "per_unit"} | changes
    return document


@pytest.mark.parametrize(
    ("meter", "whole_units", "micros"),
    [
        (Meter.CPU_SECONDS, 3600, 36_000),
        (Meter.GPU_SECONDS, 3600, 1_800_000),
        (Meter.MEMORY_GB_SECONDS, 8 * 3600, 36_000),
        (Meter.STORAGE_GB_SECONDS, 100 * 3600, 9_000),
        (Meter.NETWORK_EGRESS_MB, 10_000, 0),
        (Meter.NETWORK_EGRESS_MB, 12_000, 100_000),
        (Meter.NETWORK_INGRESS_MB, 10**6, 0),
        (Meter.INSTANCE_SECONDS, 10**6, 0),
    ],
)
def test_the_default_prices_are_what_they_say_per_hour_and_per_gb(meter: Meter, whole_units: int, micros: int) -> None:
    lines = read_lines(read_price_book(None, "EUR"))
    assert lines[meter].rate.cost_micros(Quantity(whole_units * MICROS_PER_UNIT)) == micros


def test_the_same_prices_have_the_same_hash_however_they_are_written() -> None:
    as_text = canonical(with_line(unit_price="0.04"), "EUR")
    as_number = canonical(with_line(unit_price=Decimal("0.040")), "EUR")
    assert content_hash(as_number) == content_hash(as_text)
    assert content_hash(canonical(with_line(unit_price="0.041"), "EUR")) != content_hash(as_text)
    assert content_hash(canonical(with_line(unit_price="0.04"), "USD")) != content_hash(as_text)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "it needs [[lines]]"),
        ({"prices": 1}, "'prices' is not known"),
        (default_document() | {"currency": "USD"}, "it is in USD, but a credit here is one EUR"),
        ({"lines": default_document()["lines"][1:]}, "cpu_seconds has no line"),
        ({"lines": default_document()["lines"] * 2}, "line 8: cpu_seconds has a line already"),
        (with_line(meter="disk", unit_price="1"), "line 1: 'disk' is not a meter"),
        (with_line(unit="fortnight", unit_price="1"), "must be one of CPU-hour, s, not 'fortnight'"),
        (with_line(), "line 1 (cpu_seconds): per_unit: 'unit_price' is missing"),
        (with_line(model="percentage", rate_percent="1"), "a meter cannot be priced by percentage"),
        (with_line(unit_price="1", round_to="0.01"), "a meter cannot be priced by per_unit or rounded"),
    ],
)
def test_a_price_book_that_cannot_be_used_says_which_line_and_why(document: dict[str, Any], said: str) -> None:
    with pytest.raises(PriceBookUnreadable) as refused:
        canonical(document, "EUR")
    assert said in str(refused.value)


def test_a_month_is_priced_by_the_latest_book_that_was_valid_when_it_began() -> None:
    lines = read_lines(canonical(default_document(), "EUR"))
    december = datetime(2026, 12, 1, tzinfo=UTC)
    first, second, third = (
        PriceBook(1, EPOCH, "EUR", lines),
        PriceBook(2, december, "EUR", lines),
        PriceBook(3, december, "EUR", lines),
    )
    books = PriceBooks((first, second, third))
    assert book_for(books.books, datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) is first
    assert book_for(books.books, december) is third
    assert books.pricing(december, version=1) is first
    assert books.after(datetime(2026, 11, 5, tzinfo=UTC)) is third
    assert books.after(december) is None
