"""When an e-mail that was not taken is tried again, and when no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.kernel.waits import doubled

TAKEN_FOR = timedelta(minutes=5)
"""An e-mail that was taken to be sent is due again after this long, unless what became of it was noted."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it is tried, also in words, and how long to wait: the least at first, then twice as long each time."""

    tried_for: timedelta
    in_words: str
    wait_least: timedelta
    wait_most: timedelta

    def again_at(self, created_at: datetime, attempts: int, now: datetime) -> datetime | None:
        """When to try again after so many attempts; None where that is too late."""
        at = now + doubled(self.wait_least, attempts - 1, self.wait_most)
        return at if at - created_at <= self.tried_for else None


WITH_NOTICES = Patience(timedelta(days=1), "a day", timedelta(minutes=1), timedelta(hours=1))
WITH_MESSAGES = Patience(timedelta(hours=1), "an hour", timedelta(seconds=15), timedelta(minutes=10))
"""Who waits for a link has asked for another one by then, and most links end soon after."""
