"""Schedules: whole periods on the grid, without gap, never beyond what is over."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fogbank.simulate.schedule import Schedule, on_grid

instants_us = st.integers(min_value=10**12, max_value=2 * 10**15)
lengths_seconds = st.integers(min_value=1, max_value=3600)
counts = st.integers(min_value=0, max_value=50)


@given(instants_us, lengths_seconds, counts)
def test_periods_follow_each_other_on_the_grid(instant_us: int, seconds: int, periods: int) -> None:
    starts_us = list(Schedule.ending_by(instant_us, seconds, periods))
    assert len(starts_us) == periods
    assert all(start_us % (seconds * 10**6) == 0 for start_us in starts_us)
    assert all(after - before == seconds * 10**6 for before, after in pairwise(starts_us))


@given(instants_us, lengths_seconds, counts)
def test_the_last_period_is_over_and_the_next_one_is_not(instant_us: int, seconds: int, periods: int) -> None:
    schedule = Schedule.ending_by(instant_us, seconds, periods)
    assert schedule.ends_us <= instant_us < schedule.ends_us + seconds * 10**6


@given(instants_us, lengths_seconds)
def test_an_instant_on_the_grid_stays(instant_us: int, seconds: int) -> None:
    start_us = on_grid(instant_us, seconds)
    assert on_grid(start_us, seconds) == start_us <= instant_us
