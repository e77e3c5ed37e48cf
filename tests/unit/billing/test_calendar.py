"""Intervals are those of a person's calendar, clock changes included."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.rules.calendar import (
    HOUR,
    UTC_ZONE,
    Interval,
    days_and_hours,
    interval_of,
    month_starts,
    whole_hour_zone,
    whole_intervals,
)
from fogbank.kernel.periods import Period, grid_floor, month_of

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


@given(instants, st.timedeltas(HOUR, timedelta(days=400)))
def test_month_starts_are_the_instants_inside_a_span_at_which_a_month_of_utc_begins(
    start_at: datetime, length: timedelta
) -> None:
    span = Period(start_at, start_at + length)
    starts = list(month_starts(span))
    assert all(start == month_of(start).start_at and span.start_at < start < span.end_at for start in starts)
    assert len(starts) == len({month_of(start_at).start_at, *(month_of(start).start_at for start in starts)}) - 1
    assert month_of(span.end_at - timedelta.resolution) == month_of(starts[-1] if starts else start_at)


@given(instants, intervals, zones)
def test_what_is_asked_of_usage_begins_with_an_hour_of_utc(
    instant: datetime, interval: Interval, zone: ZoneInfo
) -> None:
    whole = whole_hour_zone(zone, interval, instant)
    period = interval_of(instant, interval, whole)
    assert grid_floor(period.start_at, 3600) == period.start_at
    delay = period.start_at - interval_of(instant, interval, zone).start_at
    assert interval == "hour" or abs(delay) <= timedelta(days=32)


@pytest.mark.parametrize(
    ("zone", "begins"),
    [("Asia/Kolkata", 19), ("Asia/Kathmandu", 19), ("America/St_Johns", 4), ("Europe/Berlin", 23), ("UTC", 0)],
)
def test_a_day_that_begins_within_an_hour_begins_with_the_next_one(zone: str, begins: int) -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
    whole = whole_hour_zone(ZoneInfo(zone), "day", noon)
    assert interval_of(noon, "day", whole).start_at.hour == begins


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)), st.integers(1, 2000))  # noqa: DTZ001
def test_days_and_hours_cover_a_span_of_hours_without_gap_or_overlap(instant: datetime, hours: int) -> None:
    start_at = grid_floor(instant, 3600)
    span = Period(start_at, start_at + hours * HOUR)
    parts = list(days_and_hours(span))
    assert parts[0][0].start_at == span.start_at
    assert parts[-1][0].end_at == span.end_at
    assert all(one[0].end_at == other[0].start_at for one, other in pairwise(parts))
    assert all(
        interval_of(part.start_at, interval, UTC_ZONE).start_at == part.start_at
        and interval_of(part.end_at, interval, UTC_ZONE).start_at == part.end_at
        for part, interval in parts
    )
    assert sum(interval == "hour" for _, interval in parts) <= 2


@given(instants, st.timedeltas(timedelta.resolution, timedelta(days=90)), intervals, zones)
def test_whole_intervals_hold_the_span_and_begin_and_end_with_one(
    start_at: datetime, length: timedelta, interval: Interval, zone: ZoneInfo
) -> None:
    whole = whole_intervals(start_at, start_at + length, interval, zone)
    assert whole.start_at <= start_at < start_at + length <= whole.end_at
    assert interval_of(whole.start_at, interval, zone).start_at == whole.start_at
    assert interval_of(whole.end_at, interval, zone).start_at == whole.end_at
