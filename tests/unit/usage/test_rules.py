"""Usage's decisions: who wins, when a span is rolled up, and where a customer's day begins."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.usage.client import Interval
from fogbank.usage.model import DAY_US, HOUR_US, WINDOW_US, Mark
from fogbank.usage.rules import (
    average_micros,
    hours_due,
    interval_bounds,
    month_start,
    spans_of,
    start_of,
    version_of,
)

sequences = st.integers(1, 2**39 - 1)
ordinals = st.integers(0, 2**16 - 1)
places = st.tuples(sequences, ordinals)
instants = st.datetimes(datetime(1975, 1, 1), datetime(2190, 1, 1)).map(  # noqa: DTZ001 - made aware here
    lambda naive: naive.replace(tzinfo=UTC)
)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"]
).map(ZoneInfo)


@settings(deadline=None)
@given(places, places)
def test_the_reading_accepted_first_ranks_highest(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (version_of(0, *one) > version_of(0, *other)) == (one < other)


@settings(deadline=None)
@given(places, places)
def test_what_a_node_measured_ranks_above_what_a_customer_reported(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert version_of(0, *one) > version_of(0, *other, is_reported=True) >= 0


@settings(deadline=None)
@given(places, places, st.integers(0, 254))
def test_a_correction_ranks_above_every_reading_before_it(
    one: tuple[int, int], other: tuple[int, int], revision: int
) -> None:
    assert 0 <= version_of(revision, *one) < version_of(revision + 1, *other) < 2**64


def test_an_average_is_rounded_half_up_at_the_sixth_decimal() -> None:
    assert average_micros(378_000_000, 60_000_000) == 6_300_000
    assert average_micros(1, 2_000_000) == 1
    assert average_micros(1, 2_000_001) == 0


@settings(deadline=None)
@given(st.sets(st.integers(0, 600), max_size=60), st.integers(0, 5))
def test_spans_cover_every_start_in_order_and_stay_short(numbers: set[int], gap: int) -> None:
    starts = {number * WINDOW_US for number in numbers}
    spans = spans_of(starts, WINDOW_US, gap * WINDOW_US, DAY_US)
    for start in starts:
        assert sum(span.start_us <= start < span.end_us for span in spans) == 1
    assert all(0 < span.end_us - span.start_us <= DAY_US for span in spans)
    assert all(one.end_us <= other.start_us for one, other in pairwise(spans))
    assert all(span.start_us in starts and span.end_us - WINDOW_US in starts for span in spans)


def test_an_hour_is_due_when_it_is_over_and_at_rest_or_moved_for_too_long() -> None:
    over_us, second = HOUR_US + 60 * 1_000_000, 1_000_000
    moving, resting = Mark(0, over_us, over_us - second), Mark(0, over_us - 20 * second, 0)
    assert hours_due([moving, resting], over_us) == [resting]
    assert hours_due([resting], over_us - second) == []
    overdue = Mark(0, over_us, over_us - 300 * second)
    assert hours_due([overdue], over_us) == [overdue]
    assert hours_due([moving], over_us, quiet_us=0) == [moving]


@settings(deadline=None)
@given(instants, st.timedeltas(timedelta(seconds=1), timedelta(days=9)), st.sampled_from(get_args(Interval)), zones)
def test_intervals_follow_each_other_and_cover_what_was_asked(
    from_at: datetime, length: timedelta, interval: Interval, zone: ZoneInfo
) -> None:
    bounds = interval_bounds(from_at, from_at + length, interval, zone)
    assert bounds[0] <= from_at < bounds[1]
    assert bounds[-2] < from_at + length <= bounds[-1]
    assert all(one < other for one, other in pairwise(bounds))
    assert all(bound.tzinfo is UTC for bound in bounds)


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29), 23),  # noqa: DTZ001 - a calendar day
        ("Europe/Berlin", datetime(2026, 10, 25), 25),  # noqa: DTZ001
        ("Africa/Cairo", datetime(2026, 4, 24), 23),  # noqa: DTZ001 - its midnight does not exist
        ("America/Havana", datetime(2026, 11, 1), 25),  # noqa: DTZ001 - its midnight comes twice
        ("Asia/Kolkata", datetime(2026, 3, 29), 24),  # noqa: DTZ001
    ],
)
def test_a_day_is_as_long_as_the_customers_clock_makes_it(zone: str, date: datetime, hours: int) -> None:
    noon = date.replace(hour=12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start, end = interval_bounds(noon, noon + timedelta(seconds=1), "day", ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)
    assert start.astimezone(ZoneInfo(zone)).date() == date.date()


def test_a_month_is_the_customers() -> None:
    bounds = interval_bounds(
        datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC), "month", ZoneInfo("Europe/Berlin")
    )
    assert [str(bound) for bound in bounds] == [
        "2026-01-31 23:00:00+00:00",
        "2026-02-28 23:00:00+00:00",
        "2026-03-31 22:00:00+00:00",
        "2026-04-30 22:00:00+00:00",
    ]


@settings(deadline=None)
@given(st.integers(0, 10**16), st.sampled_from([WINDOW_US, HOUR_US, DAY_US]))
def test_a_span_starts_on_its_grid(instant_us: int, length_us: int) -> None:
    start = start_of(instant_us, length_us)
    assert start % length_us == 0
    assert start <= instant_us < start + length_us


def test_a_month_is_read_from_its_number() -> None:
    assert month_start(202612) == datetime(2026, 12, 1, tzinfo=UTC)
