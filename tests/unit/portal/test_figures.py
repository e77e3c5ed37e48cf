"""The cards: each says what is known, and no more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fogbank.accounts.ledger.client import BalanceView
from fogbank.billing.client import SpendView
from fogbank.portal.formats import Formats
from fogbank.portal.rules.runway import Urgency, runway_words, urgency
from fogbank.portal.views.banner import banner_of
from fogbank.portal.views.figures import (
    Pill,
    Trend,
    Value,
    balance_figure,
    forecast_figure,
    live_texts,
    month_days,
    month_figure,
    rate_figure,
)
from fogbank.portal.views.missing import Missing

Spend = Callable[..., SpendView]
Balance = Callable[..., BalanceView]
AWAY = Missing("Billing", is_late=False)
DAY = 86_400


def test_the_balance_says_how_long_it_lasts(balance: Balance, spend: Spend, formats: Formats) -> None:
    figure = balance_figure(balance(), spend(), formats)
    assert figure.value == Value("€1,204.60", live="balance")
    assert figure.pill == Pill("9.8 days left", "", live="runway")
    assert figure.note == "at this rate"


def test_a_balance_that_moves_slowly_shows_more_decimals(balance: Balance, spend: Spend, formats: Formats) -> None:
    figure = balance_figure(balance(balance="99.984213"), spend(per_hour="0.014"), formats)
    assert figure.value == Value("€99.98", "42", live="balance")


def test_without_billing_the_balance_still_shows(balance: Balance, formats: Formats) -> None:
    figure = balance_figure(balance(), AWAY, formats)
    assert figure.value == Value("€1,204.60", live="balance")
    assert (figure.pill, figure.note) == (None, "")


def test_what_is_owed_is_said_first(balance: Balance, spend: Spend, formats: Formats) -> None:
    figure = balance_figure(balance(balance="0.00", arrears="3.20"), spend(), formats)
    assert figure.pill == Pill("€3.20 owed", "bad")


def test_nothing_spent_lasts_for_ever_and_says_so(balance: Balance, spend: Spend, formats: Formats) -> None:
    figure = balance_figure(balance(), spend(runway_seconds=None, runs_out_at=None, per_hour="0.00"), formats)
    assert (figure.pill, figure.note) == (None, "nothing is being spent")


def test_the_month_is_compared_with_the_same_days_of_the_last(spend: Spend, formats: Formats) -> None:
    figure = month_figure(spend(), formats)
    assert figure.value == Value("€2,841.37", live="month")
    assert figure.trend == Trend(is_up=True, percent="12.4%")
    assert figure.note == "vs. 1–23 Oct"


def test_a_longer_month_is_compared_with_all_of_a_shorter_one(spend: Spend, formats: Formats) -> None:
    at = datetime(2026, 3, 31, tzinfo=UTC)
    march = spend(as_of=at, month_start=datetime(2026, 3, 1, tzinfo=UTC), month_end=datetime(2026, 4, 1, tzinfo=UTC))
    assert month_figure(march, formats).note == "vs. 1–28 Feb"


@pytest.mark.parametrize("before", [None, "0.00"])
def test_without_a_last_month_there_is_no_comparison(before: str | None, spend: Spend, formats: Formats) -> None:
    figure = month_figure(spend(previous_month_to_date=before), formats)
    assert (figure.trend, figure.note) == (None, "since 1 November")


def test_a_change_of_next_to_nothing_is_none(spend: Spend, formats: Formats) -> None:
    same = rate_figure(spend(per_hour_yesterday="5.13"), formats)
    assert (same.trend, same.note) == (None, "like this hour yesterday")


def test_an_empty_balance_has_no_decimals_to_watch(balance: Balance, spend: Spend, formats: Formats) -> None:
    assert balance_figure(balance(balance="0.00"), spend(per_hour="0.10"), formats).value == Value(
        "€0.00", live="balance"
    )


def test_the_forecast_says_how_much_of_it_is_spent(spend: Spend, formats: Formats) -> None:
    figure = forecast_figure(spend(), formats)
    assert figure.value == Value("€3,706", live="forecast")
    assert figure.note == "76.7% spent, 7 days to go"
    assert figure.progress_percent == pytest.approx(76.66, abs=0.01)


def test_when_nothing_runs_the_forecast_is_what_was_spent(spend: Spend, formats: Formats) -> None:
    assert forecast_figure(spend(forecast_month="2841.37"), formats).note == "nothing more is being spent"


def test_without_spending_there_is_nothing_to_forecast(spend: Spend, formats: Formats) -> None:
    figure = forecast_figure(spend(forecast_month="0.00", month_to_date="0.00"), formats)
    assert (figure.progress_percent, figure.note) == (None, "nothing spent so far")


def test_the_rate_is_compared_with_yesterday_where_that_is_known(spend: Spend, formats: Formats) -> None:
    figure = rate_figure(spend(), formats)
    assert figure.value == Value("€5.12", unit="/hour", live="rate")
    assert (figure.trend, figure.note) == (Trend(is_up=False, percent="3%"), "vs. this hour yesterday")
    assert rate_figure(spend(per_hour_yesterday=None), formats).note == "€122.88 a day"
    still = rate_figure(spend(per_hour="0.00"), formats)
    assert (still.trend, still.note) == (None, "nothing runs")


def test_who_does_not_answer_is_named(formats: Formats, spend: Spend) -> None:
    for figure in (month_figure(AWAY, formats), forecast_figure(AWAY, formats), rate_figure(AWAY, formats)):
        assert figure.value == AWAY
    assert balance_figure(Missing("The ledger", is_late=True), spend(), formats).value == Missing("The ledger", True)
    assert AWAY.sentence == "Billing does not answer at the moment."


def test_the_stream_tells_texts_by_name(balance: Balance, spend: Spend, formats: Formats) -> None:
    figures = [balance_figure(balance(), spend(), formats), rate_figure(spend(), formats), month_figure(AWAY, formats)]
    assert live_texts(figures) == {
        "balance": "€1,204.60",
        "balance-fine": "",
        "runway": "9.8 days left",
        "rate": "€5.12",
        "rate-fine": "",
    }


def test_days_are_this_months_and_today_is_left_out() -> None:
    now = datetime(2026, 11, 4, 9, tzinfo=UTC)
    costs = [(now.replace(day=day, hour=0), day * 10) for day in (1, 3, 4)] + [(now.replace(month=10, day=2), 99)]
    assert month_days(now, costs) == [10, 0, 30]


def test_runways_are_told_as_exactly_as_they_are_known() -> None:
    spans = [1800, 3600, 7200, 31 * 3600, 2 * DAY, round(9.87 * DAY), 23 * DAY, 365 * DAY, 900 * DAY]
    assert [runway_words(seconds) for seconds in spans] == [
        "under an hour left",
        "1 hour left",
        "2 hours left",
        "31 hours left",
        "2 days left",
        "9.8 days left",
        "23 days left",
        "365 days left",
        "over a year left",
    ]
    assert [urgency(seconds, 7) for seconds in (3600, 3 * DAY, 8 * DAY)] == [Urgency.NOW, Urgency.SOON, Urgency.CALM]


def test_the_banner_speaks_only_when_the_end_is_near(balance: Balance, spend: Spend, formats: Formats) -> None:
    assert banner_of(balance(), spend(), formats) is None
    assert banner_of(balance(), spend(runway_seconds=None, runs_out_at=None), formats) is None
    assert banner_of(AWAY, AWAY, formats) is None


def test_the_banner_says_when(balance: Balance, spend: Spend, formats: Formats, now: datetime) -> None:
    def headline(seconds: int) -> str:
        end = now + timedelta(seconds=seconds)
        banner = banner_of(balance(), spend(runway_seconds=seconds, runs_out_at=end), formats)
        assert banner is not None
        return f"{banner.headline}{'!' if banner.is_bad else ''}"

    assert headline(4 * DAY) == "Your balance runs out on Friday 27 November."
    assert headline(25 * 3600) == "Your balance runs out tomorrow at 10:12."
    assert headline(3 * 3600) == "Your balance runs out today at 12:12.!"


def test_the_banner_says_that_it_is_too_late(balance: Balance, spend: Spend, formats: Formats, now: datetime) -> None:
    owing = banner_of(balance(arrears="3.20"), spend(), formats)
    assert owing is not None
    assert owing.detail == "€3.20 of usage since then is owed."
    over = banner_of(balance(), spend(state="exhausted", runway_seconds=0, runs_out_at=now), formats)
    assert over is not None
    assert (over.headline, over.is_bad) == ("Your balance is used up.", True)
