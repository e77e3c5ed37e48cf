"""Which bars a chart has: they follow the person's calendar, and no cost falls between them."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.model import Cost, Range
from fogbank.portal.rules.ranges import buckets, fold

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]).map(ZoneInfo)
INSTANTS = st.integers(1_577_836_800, 1_924_905_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
SPANS = st.sampled_from(list(Range))
BERLIN = ZoneInfo("Europe/Berlin")


@given(SPANS, INSTANTS, ZONES)
def test_bars_follow_each_other_and_the_last_holds_now(span: Range, now: datetime, zone: ZoneInfo) -> None:
    bars = buckets(span, now, zone)
    assert bars[-1].start_at.astimezone(UTC) <= now < bars[-1].end_at.astimezone(UTC)
    for bar, following in itertools.pairwise(bars):
        assert bar.end_at == following.start_at
        assert bar.start_at.astimezone(UTC) < bar.end_at.astimezone(UTC)


@given(INSTANTS, ZONES)
def test_each_range_has_its_number_of_bars(now: datetime, zone: ZoneInfo) -> None:
    assert [len(buckets(span, now, zone)) for span in Range] == [24, 28, 30, 12]


def test_days_and_months_begin_at_the_persons_midnight() -> None:
    now = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # already the 26th in Berlin
    days = buckets(Range.MONTH, now, BERLIN)
    assert days[-1].start_at == datetime(2026, 11, 26, tzinfo=BERLIN)
    months = buckets(Range.YEAR, now, BERLIN)
    assert (months[0].start_at, months[-1].start_at) == (
        datetime(2025, 12, 1, tzinfo=BERLIN),
        datetime(2026, 11, 1, tzinfo=BERLIN),
    )


def test_a_day_of_25_hours_is_one_bar_and_has_25_hours() -> None:
    bars = buckets(Range.MONTH, datetime(2026, 11, 1, 12, tzinfo=UTC), BERLIN)
    end_of_summer_time = next(bar for bar in bars if (bar.start_at.month, bar.start_at.day) == (10, 25))
    assert end_of_summer_time.end_at.astimezone(UTC) - end_of_summer_time.start_at.astimezone(UTC) == timedelta(
        hours=25
    )


def test_the_hour_that_comes_twice_is_two_bars() -> None:
    bars = buckets(Range.DAY, datetime(2026, 10, 25, 12, 5, tzinfo=UTC), BERLIN)
    assert [bar.start_at.hour for bar in bars].count(2) == 2


@given(SPANS, INSTANTS, ZONES, st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from("ab"), st.integers(-99, 99))))
def test_folding_keeps_every_cost_within_the_range(
    span: Range, now: datetime, zone: ZoneInfo, marks: list[tuple[int, str, int]]
) -> None:
    bars = buckets(span, now, zone)
    first, last = bars[0].start_at.astimezone(UTC), bars[-1].end_at.astimezone(UTC)
    costs = [Cost(first + (last - first) * mark / 10_001, key, key.upper(), micros) for mark, key, micros in marks]
    folded = fold(costs, bars)
    assert sum(series.total_micros for series in folded) == sum(cost.micros for cost in costs)


def test_what_lies_outside_is_left_out_and_the_largest_comes_first() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    bars = buckets(Range.DAY, now, ZoneInfo("UTC"))
    costs = [
        Cost(now, "small", "Small", 5),
        Cost(now - timedelta(hours=1), "large", "Large", 9),
        Cost(now - timedelta(hours=30), "large", "Large", 1000),
        Cost(now + timedelta(hours=3), "small", "Small", 1000),
    ]
    assert [(series.key, series.total_micros) for series in fold(costs, bars)] == [("large", 9), ("small", 5)]
