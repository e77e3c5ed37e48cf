"""A delivery is tried for a day, who asks to wait is waited for, and three days of failures are the end."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, text

from fogbank.notifications.webhooks.model import Outcome
from fogbank.notifications.webhooks.rules import (
    DAY,
    DICE_BYTES,
    JITTER_SHARE,
    RETRY_DELAYS,
    Verdict,
    detail_of,
    is_given_up,
    manages_webhooks,
    next_attempt_at,
    verdict_of,
    wanted_wait,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
dice = binary(min_size=DICE_BYTES, max_size=DICE_BYTES)


def answered(status: int | None, retry_after: str | None = None) -> Outcome:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Outcome(NOON, 5, status, headers, "", "" if status else "Nobody was there.")


@given(integers(200, 299))
def test_any_two_hundred_is_a_success(status: int) -> None:
    assert verdict_of(answered(status)) is Verdict.DELIVERED
    assert detail_of(answered(status)) == ""


@given(integers(100, 599).filter(lambda status: status not in range(200, 300) and status != 410))
def test_any_other_status_is_a_failure_and_says_what_would_not_be(status: int) -> None:
    assert verdict_of(answered(status)) is Verdict.FAILED
    assert str(status) in detail_of(answered(status))


def test_no_answer_is_a_failure_and_gone_is_the_end() -> None:
    assert verdict_of(answered(None)) is Verdict.FAILED
    assert detail_of(answered(None)) == "Nobody was there."
    assert verdict_of(answered(410)) is Verdict.GONE
    assert "redirects are not followed" in detail_of(answered(302))


@given(dice)
def test_what_always_fails_is_tried_eleven_times_within_a_day(throw: bytes) -> None:
    at, expires_at, tries = NOON, NOON + DAY, 0
    while True:
        tries += 1
        due_at = next_attempt_at(answered(500), at, tries, expires_at, throw)
        if due_at is None:
            break
        assert at < due_at < expires_at
        at = due_at
    assert tries == 11
    assert at - NOON > timedelta(hours=18)


@given(integers(1, len(RETRY_DELAYS)), dice)
def test_a_delay_is_its_own_less_at_most_a_fifth(tries: int, throw: bytes) -> None:
    due_at = next_attempt_at(answered(500), NOON, tries, NOON + DAY, throw)
    assert due_at is not None
    assert RETRY_DELAYS[tries - 1] * (1 - JITTER_SHARE) <= due_at - NOON <= RETRY_DELAYS[tries - 1]


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_to_wait_is_waited_for(status: int) -> None:
    dates = format_datetime(NOON + timedelta(minutes=10), usegmt=True)
    for asked in ("600", dates):
        due_at = next_attempt_at(answered(status, asked), NOON, 1, NOON + DAY, bytes(DICE_BYTES))
        assert due_at == NOON + timedelta(minutes=10)


def test_asking_for_less_than_we_wait_anyway_or_with_another_status_changes_nothing() -> None:
    assert next_attempt_at(answered(429, "1"), NOON, 4, NOON + DAY, bytes(DICE_BYTES)) == NOON + timedelta(minutes=10)
    assert next_attempt_at(answered(500, "600"), NOON, 1, NOON + DAY, bytes(DICE_BYTES)) == NOON + timedelta(seconds=5)


@given(text(max_size=30) | integers().map(str))
def test_no_retry_after_breaks_us_or_has_us_wait_for_more_than_eight_hours(asked: str) -> None:
    assert wanted_wait(asked, NOON) >= timedelta(0)
    due_at = next_attempt_at(answered(429, asked), NOON, 1, NOON + DAY, bytes(DICE_BYTES))
    assert due_at is not None
    assert due_at - NOON <= timedelta(hours=8)


def test_what_lasts_no_longer_is_not_tried_again() -> None:
    assert next_attempt_at(answered(500), NOON, 1, NOON, bytes(DICE_BYTES)) is None
    assert next_attempt_at(answered(500), NOON, 2, NOON + timedelta(seconds=30), bytes(DICE_BYTES)) is None


def test_a_webhook_is_given_up_after_three_days_without_one_success() -> None:
    assert not is_given_up(None, NOON)
    assert not is_given_up(NOON - timedelta(days=2, hours=23), NOON)
    assert is_given_up(NOON - timedelta(days=3), NOON)


def test_owners_and_admins_manage_an_organisations_webhooks_and_nobody_else() -> None:
    assert [role for role in ("owner", "admin", "billing", "member", "viewer", None) if manages_webhooks(role)] == [
        "owner",
        "admin",
    ]
