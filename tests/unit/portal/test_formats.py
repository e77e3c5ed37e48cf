"""Numbers as people write them: exact, and as CLDR says."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.formats import Formats, LiveMoney
from fogbank.portal.money_format import money_format
from fogbank.portal.rules.decimals import decimals_for, decimals_while_live

LOCALES = ["en_GB", "en_US", "de_DE", "de_AT", "de_CH", "fr_FR", "en_IN", "pt_BR", "nl_NL", "pl_PL", "ja_JP", "hi_IN"]
CREDIT = 1_000_000


def formats(locale: str = "en_GB", zone: str = "UTC", currency: str = "EUR") -> Formats:
    return Formats(Locale.parse(locale), ZoneInfo(zone), currency)


@pytest.mark.parametrize("locale", LOCALES)
@given(micros=st.integers(-(10**15), 10**15).filter(lambda micros: abs(micros) >= 5000))
def test_money_is_written_as_the_general_formatter_writes_it(locale: str, micros: int) -> None:
    parsed = Locale.parse(locale)
    cents = round(Decimal(micros) / CREDIT, 2)
    expected = format_currency(cents, "EUR", locale=parsed, currency_digits=False)
    assert money_format(parsed, "EUR").write(micros, 2) == (expected if cents else expected.replace("-", ""))


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_three_parts_are_the_whole(micros: int, decimals: int) -> None:
    style = money_format(Locale("de", "DE"), "EUR")
    assert "".join(style.parts(micros, decimals)) == style.write(micros, decimals)


def test_ties_go_to_the_even_cent_and_nothing_has_no_sign() -> None:
    style = money_format(Locale("en", "GB"), "EUR")
    assert [style.write(micros, 2) for micros in (5_000, 15_000, 25_000, -4_000)] == [
        "€0.00",
        "€0.02",
        "€0.02",
        "€0.00",
    ]


def test_a_currency_of_letters_keeps_a_space_to_the_digits() -> None:
    assert formats(currency="FOG").money(5 * CREDIT) == "FOG\u00a05.00"
    assert formats("de_DE", currency="FOG").money(5 * CREDIT) == "5,00\u00a0FOG"


def test_small_amounts_get_the_decimals_they_need() -> None:
    write = formats().money
    assert write(0) == "€0.00"
    assert write(14_200) == "€0.014"
    assert write(420) == "€0.00042"
    assert write(3) == "€0.000003"
    assert write(123_456) == "€0.12"
    assert write(-14_200) == "-€0.014"


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_decimals_are_never_fewer_than_the_currencys_nor_more_than_there_are(micros: int, minor: int) -> None:
    assert minor <= decimals_for(micros, minor) <= 6


def test_a_live_amount_that_moves_slowly_shows_more_of_itself() -> None:
    assert decimals_while_live(5 * CREDIT, 2) == 2
    assert decimals_while_live(0, 2) == 2
    assert decimals_while_live(14_000, 2) == 4
    assert formats().live_money(99_984_213, 4) == LiveMoney("€99.98", "42", "")
    assert formats("de_DE").live_money(99_984_213, 4) == LiveMoney("99,98", "42", "\u00a0€")
    assert formats().live_money(99_984_213, 2) == LiveMoney("€99.98", "", "")


def test_estimates_have_no_cents_unless_they_are_small() -> None:
    assert formats().whole_money(3_706_400_000) == "€3,706"
    assert formats().whole_money(12_340_000) == "€12.34"


def test_percents_have_one_decimal_and_no_sign() -> None:
    assert [formats().percent(ratio) for ratio in (0.124, -0.031, 0.3, 1.876)] == ["12.4%", "3.1%", "30%", "188%"]
    assert formats("de_DE").percent(0.124) == "12,4\u00a0%"


def test_dates_have_english_words_and_the_persons_order() -> None:
    at = datetime(2026, 12, 3, 14, 5, tzinfo=UTC)
    assert (formats("de_DE").day(at), formats("en_US").day(at)) == ("3 December", "December 3")
    assert (formats("de_DE").time(at), formats("en_US").time(at)) == ("14:05", "2:05\u00a0PM")
    assert formats(zone="Europe/Berlin").time(at) == "15:05"
    first = at.replace(day=1)
    assert (formats().span_utc(first, at), formats("en_US").span_utc(first, at)) == ("1–3 Dec", "Dec 1–3")
    assert formats().span_utc(first, first) == "1 Dec"
    assert formats().days(first, at) == "from 1 to 3 December"
    assert formats("en_US").days(first, at) == "from December 1 to December 3"
    assert formats().days(datetime(2026, 11, 30, tzinfo=UTC), at) == "from 30 November to 3 December"
