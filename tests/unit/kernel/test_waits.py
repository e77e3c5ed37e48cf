"""Waits double from the least to the most, however often that was."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.waits import doubled


def test_a_wait_doubles_each_time_until_it_is_the_longest() -> None:
    assert [doubled(0.5, times, 30.0) for times in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


@given(st.integers(-3, 10**9))
def test_it_is_never_shorter_than_the_least_nor_longer_than_the_most(times: int) -> None:
    least, most = timedelta(seconds=1), timedelta(days=1)
    assert least <= doubled(least, times, most) <= doubled(least, times + 1, most) <= most
    assert times < 17 or doubled(least, times, most) == most
