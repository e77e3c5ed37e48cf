"""Intervals are those of a person's calendar, clock changes included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.calendar import Interval, billing_months, interval_of
from fogbank.kernel.periods import month_of

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")])
intervals: st.SearchStrategy[Interval] = st.sampled_from(["hour", "day", "month"])
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, intervals, zones)
def test_an_interval_holds_its_instant_and_ends_where_the_next_begins(
    instant: datetime, interval: Interval, zone: ZoneInfo
) -> None:
    period = interval_of(instant, interval, zone)
    assert instant in period
    assert interval_of(period.end_at, interval, zone).start_at == period.end_at
    assert interval_of(period.start_at, interval, zone) == period


@pytest.mark.parametrize(("day", "hours"), [(29, 23), (28, 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: int, hours: int) -> None:
    period = interval_of(datetime(2026, 3, day, 12, tzinfo=UTC), "day", BERLIN)
    assert period.end_at - period.start_at == timedelta(hours=hours)


def test_the_hour_that_happens_twice_is_two_hours() -> None:
    first = interval_of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "hour", BERLIN)
    second = interval_of(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "hour", BERLIN)
    assert first.end_at == second.start_at


@given(instants, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_billing_months_cut_a_span_where_utc_months_begin(start_at: datetime, length: timedelta) -> None:
    parts = list(billing_months(start_at, start_at + length))
    assert sum((part.end_at - part.start_at for part in parts), timedelta(0)) == length
    assert all(part.end_at <= month_of(part.start_at).end_at for part in parts)
