"""How long sessions last, and when who they are of must say the password again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SLIDING_MOST = timedelta(days=90)
"""However often somebody comes back, they sign in again after that."""
SET_WITHIN = timedelta(hours=1)
"""A password is set without the current one only so soon after coming in another way."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session's `length` from its beginning; where it slides, from when it was used last."""

    length: timedelta
    is_sliding: bool

    def ends_at(self, created_at: datetime, now: datetime) -> datetime:
        """When a session that is used `now` ends."""
        if not self.is_sliding:
            return created_at + self.length
        return min(now + self.length, self.ends_at_most(created_at))

    def ends_at_most(self, created_at: datetime) -> datetime:
        """When it ends whatever happens: what a cookie may say."""
        return created_at + (max(SLIDING_MOST, self.length) if self.is_sliding else self.length)


def to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def needs_current_password(*, has_password: bool, came_by_link: bool, since: timedelta) -> bool:
    """Whether a new password takes the current one: not within an hour of a sign-in link, nor where there is none.

    A link is as good as a reset. Who has no password says by signing in again who they are.
    """
    return not (since <= SET_WITHIN and (came_by_link or not has_password))
