"""Rate limits' promises: no more than allowed in any minute, room again afterwards, and memory that does not grow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter

from fogbank.runtime.http.guards import Rates
from fogbank.runtime.http.rate_limits import RateLimits
from fogbank.runtime.http.windows import BoundedWindows
from fogbank.runtime.problems import Problem


class Seconds:
    """A monotonic clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 20), max_size=80), st.integers(1, 8))
def test_a_window_never_lets_through_twice_what_is_allowed_nor_more_than_that_in_its_own_minute(
    gaps: list[float], allowed: int
) -> None:
    clock = Seconds()
    limiter, item = SlidingWindowCounterRateLimiter(BoundedWindows(clock)), RateLimitItemPerMinute(allowed)
    admitted = []
    for gap in gaps:
        clock.now += gap
        if limiter.hit(item, "somebody"):
            admitted.append(clock.now)
    for start in admitted:
        assert sum(start <= instant < start + 60 for instant in admitted) < 2 * allowed
    by_minute = [instant // 60 for instant in admitted]
    assert all(by_minute.count(minute) <= allowed for minute in by_minute)


@given(st.integers(1, 50))
def test_at_once_exactly_what_is_allowed_comes_through_and_after_two_minutes_all_of_it_again(allowed: int) -> None:
    clock = Seconds()
    limiter, item = SlidingWindowCounterRateLimiter(BoundedWindows(clock)), RateLimitItemPerMinute(allowed)
    assert [limiter.hit(item, "x") for _ in range(allowed + 3)] == [True] * allowed + [False] * 3
    clock.now += 120
    assert [limiter.hit(item, "x") for _ in range(allowed + 3)] == [True] * allowed + [False] * 3


def test_who_waits_as_long_as_they_are_told_is_let_through() -> None:
    clock = Seconds()
    limits = RateLimits(Rates(sign_in=5), clock)
    for _ in range(5):
        limits.count(limits.sign_in, "192.0.2.1")
    for _ in range(20):
        with pytest.raises(Problem) as refused:
            limits.count(limits.sign_in, "192.0.2.1")
        assert refused.value.status == 429
        waited = int(refused.value.headers["retry-after"])
        assert waited >= 1
        clock.now += waited
        if limits.left(limits.sign_in, "192.0.2.1")[0]:
            limits.count(limits.sign_in, "192.0.2.1")
            break
    else:
        pytest.fail("never let through again")


def test_memory_is_bounded_and_who_asks_keeps_being_counted() -> None:
    windows = BoundedWindows(Seconds(), keys_max=10)
    for number in range(100):
        windows.acquire_sliding_window_entry("busy", 1_000, 60)
        windows.acquire_sliding_window_entry(str(number), 5, 60)
    assert windows.reset() == 10
    assert [windows.left("busy", 1_000, 60)[0]] == [1_000]


def test_what_is_left_falls_one_by_one() -> None:
    windows = BoundedWindows(Seconds())
    lefts = []
    for _ in range(5):
        windows.acquire_sliding_window_entry("x", 9, 60)
        lefts.append(windows.left("x", 9, 60)[0])
    assert all(before - after == 1 for before, after in pairwise(lefts))
