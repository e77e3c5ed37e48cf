"""The throttle: five attempts a minute per place and user; nobody else is held up by them."""

from datetime import UTC, datetime, timedelta

import pytest

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.signing_in.throttle import ATTEMPTS_MAX, WINDOW, SignInThrottle

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def exhausted() -> SignInThrottle:
    throttle = SignInThrottle()
    for _ in range(ATTEMPTS_MAX):
        throttle.begin("192.0.2.1", "a@example.org", NOW)
    return throttle


def test_the_sixth_attempt_waits_until_a_minute_after_the_first() -> None:
    throttle = exhausted()
    with pytest.raises(TooManyAttempts) as refusal:
        throttle.begin("192.0.2.1", "A@example.org", NOW + timedelta(seconds=20))
    assert refusal.value.retry_after == WINDOW - timedelta(seconds=20)
    throttle.begin("192.0.2.1", "a@example.org", NOW + WINDOW)


def test_others_are_not_held_up() -> None:
    throttle = exhausted()
    throttle.begin("192.0.2.2", "a@example.org", NOW)
    throttle.begin("192.0.2.1", "b@example.org", NOW)


def test_a_success_forgets_the_failures() -> None:
    throttle = exhausted()
    throttle.succeeded("192.0.2.1", "a@example.org")
    throttle.begin("192.0.2.1", "a@example.org", NOW)
