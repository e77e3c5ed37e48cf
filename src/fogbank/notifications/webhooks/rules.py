"""When a delivery is tried again, what an answer means, and when a webhook is given up. Pure."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

from fogbank.accounts.client import Permission, allows
from fogbank.notifications.webhooks.model import Outcome

DAY = timedelta(days=1)
RETRY_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
)
"""How long to wait after the first failure, the second, and so on: eleven attempts within a day."""
JITTER_SHARE = 0.2
"""So much of each delay is left to chance, or what failed together would come back together."""
DICE_BYTES = 4
RETRY_AFTER_MAX = timedelta(hours=8)
"""We do not wait longer because somebody asks: the day would be over."""
GIVEN_UP_AFTER = timedelta(days=3)
SECRETS_OVERLAP = DAY
"""How long the secret before a rotation is still signed with."""
DELIVERED = range(200, 300)
REDIRECTS = range(300, 400)
ASKS_TO_WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Verdict(StrEnum):
    """What an attempt's outcome means for its delivery, and for its webhook where that is gone."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"


def manages_webhooks(role: str | None) -> bool:
    """Whether somebody of this role may see and change an organisation's webhooks: they carry its data away."""
    return allows(role, Permission.MANAGE_WEBHOOKS)


def verdict_of(outcome: Outcome) -> Verdict:
    """Any 2xx is a success, 410 the end of the webhook, all else a failure, as Standard Webhooks says."""
    if outcome.status in DELIVERED:
        return Verdict.DELIVERED
    return Verdict.GONE if outcome.status == HTTPStatus.GONE else Verdict.FAILED


def detail_of(outcome: Outcome) -> str:
    """What was wrong, in one sentence for the webhook's owner; empty where nothing was."""
    if outcome.status is None or outcome.status in DELIVERED:
        return outcome.failure
    if outcome.status in REDIRECTS:
        return f"It answered {outcome.status}, and redirects are not followed; give the URL that it leads to."
    if outcome.status == HTTPStatus.GONE:
        return "It answered 410 Gone, so nothing more is sent to it."
    return f"It answered {outcome.status}; any status from 200 to 299 would have been taken as received."


def next_attempt_at(
    outcome: Outcome, ended_at: datetime, tries: int, expires_at: datetime, dice: bytes
) -> datetime | None:
    """When to try again after the `tries`-th failure; None when it is not worth it before `expires_at`.

    `dice` are `DICE_BYTES` random bytes. Who asks by `Retry-After` to wait longer than we would have is obeyed.
    """
    if tries > len(RETRY_DELAYS):
        return None
    chance = int.from_bytes(dice, "big") / 256**DICE_BYTES
    delay = RETRY_DELAYS[tries - 1] * (1 - JITTER_SHARE * chance)
    if outcome.status in ASKS_TO_WAIT:
        delay = max(delay, min(wanted_wait(outcome.headers.get("retry-after"), ended_at), RETRY_AFTER_MAX))
    due_at = ended_at + delay
    return due_at if due_at < expires_at else None


def wanted_wait(retry_after: str | None, now: datetime) -> timedelta:
    """What a `Retry-After` asks for, in seconds or as a date; nothing where it is missing or makes no sense."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), RETRY_AFTER_MAX)
    try:
        return max(parsedate_to_datetime(text) - now, timedelta(0))
    except (ValueError, TypeError, OverflowError):  # no date, or one without a time zone
        return timedelta(0)


def is_given_up(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a webhook failed for so long, without one success, that nothing more is sent to it."""
    return failing_since is not None and now - failing_since >= GIVEN_UP_AFTER
