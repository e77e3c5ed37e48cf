"""Periods: half-open, in UTC, and without gap or overlap at the edges of months."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.periods import EPOCH, Period, grid_floor, instant_of, microseconds_of, month_of, next_month

instants = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    max_value=datetime(2400, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
steps_seconds = st.sampled_from([1, 30, 60, 300, 3600, 86_400])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_period_includes_its_start_and_excludes_its_end() -> None:
    period = Period(at("2026-11-01"), at("2026-12-01"))
    assert at("2026-11-01") in period
    assert at("2026-11-30T23:59:59.999999") in period
    assert at("2026-12-01") not in period


def test_a_period_must_end_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(at("2026-11-01"), at("2026-11-01"))


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_periods_bounds_are_in_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="UTC"):
        Period(at("2026-11-01").replace(tzinfo=zone), at("2026-12-01"))


@given(instants)
def test_microseconds_and_instants_are_two_spellings_of_one_time(instant: datetime) -> None:
    assert instant_of(microseconds_of(instant)) == instant


def test_the_epoch_is_zero_and_before_it_is_negative() -> None:
    assert microseconds_of(EPOCH) == 0
    assert microseconds_of(at("1969-12-31T23:59:59.999999")) == -1


@given(instants, steps_seconds)
def test_the_grid_floor_is_on_the_grid_and_less_than_a_step_away(instant: datetime, step_seconds: int) -> None:
    floor = grid_floor(instant, step_seconds)
    assert microseconds_of(floor) % (step_seconds * 10**6) == 0
    assert floor <= instant < floor + timedelta(seconds=step_seconds)


@given(instants)
def test_every_instant_is_in_its_month_and_in_no_other(instant: datetime) -> None:
    month = month_of(instant)
    assert instant in month
    assert instant not in month_of(month.end_at)
    assert instant not in month_of(month.start_at - timedelta(microseconds=1))


@given(instants)
def test_months_follow_each_other_without_gap(instant: datetime) -> None:
    month = month_of(instant)
    assert month_of(month.end_at).start_at == month.end_at
    assert month_of(month.end_at - timedelta(microseconds=1)) == month


@pytest.mark.parametrize(
    ("start", "following"),
    [("2026-12-01", "2027-01-01"), ("2028-02-01", "2028-03-01"), ("2027-01-01", "2027-02-01")],
)
def test_the_next_month_is_the_next_also_over_new_year(start: str, following: str) -> None:
    assert next_month(at(start)) == at(following)


def test_february_has_29_days_in_leap_years_only() -> None:
    assert month_of(at("2028-02-10")).seconds == 29 * 86_400
    assert month_of(at("2100-02-10")).seconds == 28 * 86_400
