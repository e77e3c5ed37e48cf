"""When an e-mail that was not taken is tried again, and when no more."""

from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(days=1)
WAIT_LEAST = timedelta(minutes=1)
WAIT_MOST = timedelta(hours=1)
DOUBLINGS_MAX = 16

TAKEN_FOR = timedelta(minutes=5)
"""An e-mail that was taken to be sent is due again after this long, unless what became of it was noted."""


def again_at(created_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts: after a minute, two, four, up to an hour; None after a day."""
    wait = min(WAIT_LEAST * 2 ** min(attempts - 1, DOUBLINGS_MAX), WAIT_MOST)
    at = now + wait
    return at if at - created_at <= GIVE_UP_AFTER else None
