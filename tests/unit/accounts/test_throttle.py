"""The throttle: guessing is slowed down where it comes from and as whom; nobody who has signed in before is held up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.signing_in.rules import slowing
from fogbank.accounts.signing_in.throttle import REMEMBERED_MAX, SignInThrottle, Window

NOW = datetime(2026, 11, 25, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWNER = "a@example.org"


def address(number: int) -> str:
    return f"198.51.{number // 256}.{number % 256}"


def exhausted() -> SignInThrottle:
    throttle = SignInThrottle()
    for _ in range(slowing.PLACE_ATTEMPTS_MAX):
        throttle.begin("192.0.2.1", OWNER, NOW)
    return throttle


def attacked(networks: int = 40) -> SignInThrottle:
    """Guessed at from many networks, until it is slowed down for all."""
    throttle = SignInThrottle()
    for number in range(networks):
        for _ in range(2):
            try:
                throttle.begin(address(number), OWNER, NOW)
            except TooManyAttempts:
                continue
    return throttle


def test_the_sixth_attempt_waits_until_a_minute_after_the_first() -> None:
    throttle = exhausted()
    with pytest.raises(TooManyAttempts) as refusal:
        throttle.begin("192.0.2.1", "A@example.org", NOW + timedelta(seconds=20))
    assert refusal.value.retry_after == MINUTE - timedelta(seconds=20)
    throttle.begin("192.0.2.1", OWNER, NOW + MINUTE)


def test_whoever_goes_on_failing_waits_longer_each_round() -> None:
    throttle, now = SignInThrottle(), NOW
    waits = []
    for _ in range(4):
        for _ in range(slowing.PLACE_ATTEMPTS_MAX):
            throttle.begin("192.0.2.1", OWNER, now)
        with pytest.raises(TooManyAttempts) as refusal:
            throttle.begin("192.0.2.1", OWNER, now)
        waits.append(refusal.value.retry_after)
        now += refusal.value.retry_after
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]


def test_others_are_not_held_up_by_one_place() -> None:
    throttle, now = SignInThrottle(), NOW
    for _ in range(1_000):
        try:
            throttle.begin("192.0.2.1", OWNER, now)
        except TooManyAttempts as refusal:
            now += refusal.retry_after
    throttle.begin("192.0.2.2", OWNER, now)
    throttle.begin("192.0.2.3", "b@example.org", now)


def test_a_success_forgets_the_failures() -> None:
    throttle = exhausted()
    throttle.succeeded("192.0.2.1", OWNER, NOW)
    throttle.begin("192.0.2.1", OWNER, NOW)


def test_guessing_from_many_networks_is_slowed_down_for_all_unknown_devices() -> None:
    with pytest.raises(TooManyAttempts):
        attacked().begin("203.0.113.9", OWNER, NOW)


def test_a_known_device_signs_in_while_the_account_is_guessed_at() -> None:
    throttle = attacked()
    throttle.begin("203.0.113.9", OWNER, NOW, "device")
    throttle.succeeded("203.0.113.9", OWNER, NOW, "device")


def test_a_known_device_signs_in_from_a_network_that_fails_on_purpose() -> None:
    throttle = exhausted()
    throttle.begin("192.0.2.1", OWNER, NOW, "device")


def test_a_known_device_that_fails_on_and_on_is_known_no_more() -> None:
    throttle = attacked()
    for _ in range(slowing.DEVICE_ATTEMPTS_MAX):
        throttle.begin("203.0.113.9", OWNER, NOW, "stolen")
    with pytest.raises(TooManyAttempts):
        throttle.begin("203.0.113.9", OWNER, NOW, "stolen")
    throttle.begin("203.0.113.9", OWNER, NOW + slowing.DEVICE_WINDOW, "stolen")


def test_one_network_cannot_try_many_accounts() -> None:
    throttle = SignInThrottle()
    for number in range(slowing.NETWORK_FAILURES_MAX):
        throttle.begin("192.0.2.1", f"person{number}@example.org", NOW)
    with pytest.raises(TooManyAttempts):
        throttle.begin("192.0.2.1", "another@example.org", NOW)
    throttle.begin("192.0.2.1", "another@example.org", NOW, "device")


def test_a_network_where_people_sign_in_well_is_never_full() -> None:
    throttle = SignInThrottle()
    for number in range(5 * slowing.NETWORK_FAILURES_MAX):
        throttle.begin("192.0.2.1", f"person{number}@example.org", NOW)
        throttle.succeeded("192.0.2.1", f"person{number}@example.org", NOW)


def test_what_must_wait_does_not_count_so_waiting_is_never_prolonged() -> None:
    throttle = attacked()
    with pytest.raises(TooManyAttempts) as first:
        throttle.begin("203.0.113.9", OWNER, NOW)
    for _ in range(100):
        with pytest.raises(TooManyAttempts) as again:
            throttle.begin("203.0.113.9", OWNER, NOW)
        assert again.value.retry_after == first.value.retry_after
    throttle.begin("203.0.113.9", OWNER, NOW + first.value.retry_after)


@given(failures=st.integers(0, 10_000))
def test_waits_grow_and_end_at_a_quarter_of_an_hour(failures: int) -> None:
    assert slowing.account_wait(failures) <= slowing.account_wait(failures + 1) <= slowing.ACCOUNT_WAIT_MOST
    assert (slowing.account_wait(failures) == timedelta()) is (failures < slowing.ACCOUNT_FREE)
    assert slowing.place_round(failures + 1) <= slowing.place_round(failures + 2) <= slowing.PLACE_ROUND_MOST


@pytest.mark.parametrize("networks", [1, 3, 4, 60])
def test_a_day_of_guessing_from_however_many_networks_tries_few_passwords(networks: int) -> None:
    throttle, now, tried = SignInThrottle(), NOW, 0
    while now < NOW + timedelta(days=1):
        waits = []
        for number in range(networks):
            try:
                throttle.begin(address(number), OWNER, now)
                tried += 1
            except TooManyAttempts as refusal:
                waits.append(refusal.retry_after)
        now += min(waits, default=timedelta(seconds=1))
    assert tried <= 200


def test_memory_is_bounded() -> None:
    window = Window(5, MINUTE)
    for number in range(REMEMBERED_MAX + 10):
        window.count(str(number), NOW)
    assert len(window._counts._entries) == REMEMBERED_MAX
