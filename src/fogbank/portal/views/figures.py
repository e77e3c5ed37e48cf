"""The four cards: balance, month to date, forecast and burn rate, each with its note and its real shape."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fogbank.accounts.ledger.client import BalanceView
from fogbank.billing.client import SpendView
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.charts.scale import percent
from fogbank.portal.charts.sparkline import Sparkline, sparkline
from fogbank.portal.formats import Formats
from fogbank.portal.model import WARN_DAYS
from fogbank.portal.rules.decimals import decimals_while_live
from fogbank.portal.rules.runway import Urgency, runway_words, urgency
from fogbank.portal.views.missing import Missing

BALANCE_TINT, MONTH_TINT, FORECAST_TINT, RATE_TINT = 4, 0, 0, 1
DAY = timedelta(days=1)
WORTH_TELLING = 0.005
"""A change of less than half a percent is none."""


@dataclass(frozen=True, slots=True)
class Value:
    """An amount: `text`, further decimals in smaller type, what follows the digits, and a unit. `live` names it."""

    text: str
    fine: str = ""
    after: str = ""
    unit: str = ""
    live: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """How much more or less than before."""

    is_up: bool
    percent: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A short remark with a colour: `good`, `warn`, `bad` or none."""

    text: str
    tone: str = ""
    live: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One card. `value` is `Missing` where the component that knows it does not answer."""

    id: str
    title: str
    tint: int
    value: Value | Missing
    note: str = ""
    pill: Pill | None = None
    trend: Trend | None = None
    progress_percent: float | None = None
    shape: Sparkline | None = None


def balance_figure(
    balance: BalanceView | Missing, spend: SpendView | Missing, formats: Formats, shape: Sparkline | None = None
) -> Figure:
    """What is there to spend, and how long it lasts at the present rate, where that is known."""
    if isinstance(balance, Missing):
        return Figure("balance", "Balance", BALANCE_TINT, balance)
    per_hour = 0 if isinstance(spend, Missing) else micros_from_credits(spend.per_hour)
    value = _amount(micros_from_credits(balance.balance), per_hour, formats, live="balance")
    return _with_runway(Figure("balance", "Balance", BALANCE_TINT, value, shape=shape), balance, spend, formats)


def month_figure(spend: SpendView | Missing, formats: Formats, shape: Sparkline | None = None) -> Figure:
    """What this month cost so far, against the same span of the last, where that was metered."""
    title = "Month to date"
    if isinstance(spend, Missing):
        return Figure("month", title, MONTH_TINT, spend)
    month_to_date = micros_from_credits(spend.month_to_date)
    value = _amount(month_to_date, micros_from_credits(spend.per_hour), formats, live="month")
    trend = _trend(month_to_date, spend.previous_month_to_date, formats)
    since = f"since {formats.day_utc(spend.month_start)}"
    note = _compared(trend, spend.previous_month_to_date, _same_span(spend, formats)) or since
    return Figure("month", title, MONTH_TINT, value, note, trend=trend, shape=shape)


def forecast_figure(spend: SpendView | Missing, formats: Formats) -> Figure:
    """What the month will cost if it runs as now until it ends, and how much of that is spent."""
    title = "Forecast, month end"
    if isinstance(spend, Missing):
        return Figure("forecast", title, FORECAST_TINT, spend)
    forecast, so_far = micros_from_credits(spend.forecast_month), micros_from_credits(spend.month_to_date)
    if not forecast:
        return Figure(
            "forecast", title, FORECAST_TINT, Value(formats.money(0), live="forecast"), "nothing spent so far"
        )
    to_come = f"{formats.percent(so_far / forecast)} spent, {_time_left(spend)} to go"
    note = to_come if forecast > so_far else "nothing more is being spent"
    value = Value(formats.whole_money(forecast), live="forecast")
    done = min(100.0, percent(max(0, so_far), forecast))
    return Figure("forecast", title, FORECAST_TINT, value, note, progress_percent=done)


def rate_figure(spend: SpendView | Missing, formats: Formats, shape: Sparkline | None = None) -> Figure:
    """What running as now adds per hour, against this hour yesterday, where that was metered."""
    title = "Burn rate now"
    if isinstance(spend, Missing):
        return Figure("rate", title, RATE_TINT, spend)
    per_hour = micros_from_credits(spend.per_hour)
    value = Value(formats.money(per_hour), unit="/hour", live="rate")
    if not per_hour:
        return Figure("rate", title, RATE_TINT, value, "nothing runs", shape=shape)
    trend = _trend(per_hour, spend.per_hour_yesterday, formats)
    by_day = f"{formats.money(per_hour * 24)} a day"
    note = _compared(trend, spend.per_hour_yesterday, "this hour yesterday") or by_day
    return Figure("rate", title, RATE_TINT, value, note, trend=trend, shape=shape)


def amounts_shape(micros: Sequence[int]) -> Sparkline | None:
    """A sparkline of amounts per interval: zero is at the bottom."""
    return sparkline(micros, from_zero=True) if any(micros) else None


def levels_shape(micros: Sequence[int]) -> Sparkline | None:
    """A sparkline of a level over time."""
    return sparkline(micros)


def live_texts(figures: Sequence[Figure]) -> dict[str, str]:
    """What the stream sends for these cards: text by the name that marks its place."""
    texts: dict[str, str] = {}
    for figure in figures:
        if isinstance(figure.value, Value) and figure.value.live:
            texts[figure.value.live] = figure.value.text
            texts[f"{figure.value.live}-fine"] = figure.value.fine
        if figure.pill and figure.pill.live:
            texts[figure.pill.live] = figure.pill.text
    return texts


def _amount(micros: int, per_hour: int, formats: Formats, *, live: str) -> Value:
    decimals = decimals_while_live(per_hour, formats.minor_digits) if micros else formats.minor_digits
    money = formats.live_money(micros, decimals)
    return Value(money.text, money.fine, money.after, live=live)


def _with_runway(figure: Figure, balance: BalanceView, spend: SpendView | Missing, formats: Formats) -> Figure:
    arrears = micros_from_credits(balance.arrears)
    if arrears:
        return replace(figure, pill=Pill(f"{formats.money(arrears)} owed", Urgency.NOW))
    if isinstance(spend, Missing):
        return figure
    if spend.runway_seconds is None:
        return replace(figure, note="nothing is being spent")
    tone = urgency(spend.runway_seconds, WARN_DAYS)
    return replace(figure, note="at this rate", pill=Pill(runway_words(spend.runway_seconds), tone, live="runway"))


def _trend(now_micros: int, before: str | None, formats: Formats) -> Trend | None:
    before_micros = 0 if before is None else micros_from_credits(before)
    if before_micros <= 0:
        return None
    ratio = now_micros / before_micros - 1
    return Trend(ratio > 0, formats.percent(ratio)) if abs(ratio) >= WORTH_TELLING else None


def _compared(trend: Trend | None, before: str | None, with_what: str) -> str:
    """What the trend is against; that there is none worth telling; or nothing, where nothing is known."""
    if trend:
        return f"vs. {with_what}"
    return f"like {with_what}" if before is not None and micros_from_credits(before) > 0 else ""


def _same_span(spend: SpendView, formats: Formats) -> str:
    """Which days of the last month this one is compared with."""
    last = spend.month_start - DAY
    day = min(spend.as_of.day, last.day)
    first, until = last.replace(day=1), last.replace(day=day)
    return formats.span_utc(first, until)


def _time_left(spend: SpendView) -> str:
    days = (spend.month_end - spend.as_of) // DAY
    if days > 1:
        return f"{days} days"
    return "1 day" if days == 1 else "less than a day"


def month_days(now: datetime, costs: Sequence[tuple[datetime, int]]) -> list[int]:
    """Cost per day of this month up to yesterday: today is not over, and would look like a fall."""
    by_day = [0] * (now.day - 1)
    for start_at, micros in costs:
        if start_at.month == now.month and start_at.day < now.day:
            by_day[start_at.day - 1] += micros
    return by_day
