"""Allowances: no caller sends more than their rate for long, and whoever waits as told may go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.queue.door.allowance import BURST_SECONDS, CALLERS_MAX, NANOS, Allowances, limit_header, policy_header
from fogbank.queue.door.errors import TooFast

KINDS = ("events",)
START = 5 * NANOS


def may_send(allowances: Allowances, now_nanos: int) -> bool:
    try:
        allowances.require("ann", now_nanos, KINDS)
    except TooFast:
        return False
    return True


@given(
    per_second=st.integers(1, 1000),
    sends=st.lists(st.tuples(st.integers(0, 10 * NANOS), st.integers(1, 5000)), min_size=1, max_size=60),
)
def test_over_any_time_at_most_the_rate_a_burst_and_one_body_pass(
    per_second: int, sends: list[tuple[int, int]]
) -> None:
    allowances, now, passed = Allowances({"events": per_second}), START, 0
    for pause_nanos, amount in sends:
        now += pause_nanos
        if may_send(allowances, now):
            allowances.spend("ann", now, {"events": amount})
            passed += amount
    largest = max(amount for _, amount in sends)
    # Rounding down gives away less than one event a body.
    assert passed <= per_second * (now - START) // NANOS + per_second * BURST_SECONDS + largest + len(sends)


@given(per_second=st.integers(1, 1000), amount=st.integers(1, 100_000))
def test_who_waits_as_told_may_go_on(per_second: int, amount: int) -> None:
    allowances = Allowances({"events": per_second})
    allowances.spend("ann", START, {"events": amount})
    try:
        allowances.require("ann", START, KINDS)
    except TooFast as refused:
        allowances.require("ann", START + refused.wait_seconds * NANOS, KINDS)


@given(amount=st.integers(0, 10_000), back=st.integers(0, 10_000))
def test_what_is_put_back_is_as_if_never_spent(amount: int, back: int) -> None:
    once, twice = Allowances({"bytes": 100}), Allowances({"bytes": 100})
    once.spend("ann", START, {"bytes": amount})
    twice.spend("ann", START, {"bytes": amount + back})
    twice.spend("ann", START, {"bytes": -back})
    assert once.left("ann", "bytes", START)[0] == pytest.approx(twice.left("ann", "bytes", START)[0], abs=1)


def test_callers_do_not_spend_each_others() -> None:
    allowances = Allowances({"events": 1})
    allowances.spend("ann", START, {"events": 100})
    assert not may_send(allowances, START)
    allowances.require("bob", START, KINDS)


def test_those_whose_buckets_are_full_are_forgotten_first() -> None:
    allowances = Allowances({"events": 1})
    allowances.spend("ann", START, {"events": 10_000})
    for number in range(CALLERS_MAX):
        allowances.spend(f"caller_{number}", START + number * NANOS, {"events": 1})
    assert not may_send(allowances, START)
    assert len(allowances._callers) < 10


def test_the_headers_say_what_is_left_and_when_all_of_it_is_back() -> None:
    allowances = Allowances({"requests": 2, "events": 5})
    assert policy_header(allowances.per_second) == '"requests";q=20;w=10, "events";q=50;w=10'
    assert limit_header(allowances, "ann", START) == '"requests";r=20;t=0, "events";r=50;t=0'
    allowances.spend("ann", START, {"requests": 1, "events": 1000})
    assert limit_header(allowances, "ann", START) == '"requests";r=19;t=1, "events";r=0;t=200'
