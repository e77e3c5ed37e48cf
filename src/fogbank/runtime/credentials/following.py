"""Following what changed about credentials: each second, and before an answer that would otherwise be too old.

Nothing is answered from a book that was last brought up to date more than two seconds ago: it is brought up to date
first. Only where nobody answers, what was known is believed for ten seconds in all, long enough for a restart of
accounts: while they are away they revoke nothing. After that the answer is an error, whoever is down.
"""

import asyncio

import psycopg

from fogbank.runtime.clock import MonotonicClock, monotonic_seconds
from fogbank.runtime.component import Health
from fogbank.runtime.credentials.asking_once import AskingOnce
from fogbank.runtime.credentials.changes import CredentialBook, Feed
from fogbank.runtime.problems import Problem
from fogbank.runtime.tenancy import seeing_every_tenant
from fogbank.runtime.waiting import until_set

FRESH_SECONDS = 2.0
AWAY_SECONDS = 10.0
EVERY_SECONDS = 1.0
ANSWER_SECONDS = 5.0
RETRY_SECONDS = "2"


class Follower:
    """Keeps `book` up to date from `feed`."""

    def __init__(self, feed: Feed, monotonic: MonotonicClock = monotonic_seconds) -> None:
        self.book = CredentialBook()
        self._feed = feed
        self._monotonic = monotonic
        self._followed_seconds: float | None = None
        self.catch_up = AskingOnce(self._ask)
        """Ask now."""

    def is_fresh(self) -> bool:
        """Whether all changes that are older than two seconds are in the book."""
        return self._was_followed_within(FRESH_SECONDS)

    async def freshen(self) -> None:
        """Make it so, by asking where it is not; `Problem` 503 when nobody has answered for ten seconds.

        Many who wait ask once.
        """
        if self.is_fresh():
            return
        try:
            await self.catch_up()
        except (Problem, psycopg.OperationalError):
            if not self._was_followed_within(AWAY_SECONDS):
                raise

    async def follow(self, health: Health, changed: asyncio.Event | None = None) -> None:
        """Catch up each second, and at once when `changed` is set, until cancelled."""
        while True:
            if changed is not None:
                changed.clear()
            try:
                await self.catch_up()
            except (Problem, psycopg.OperationalError) as error:
                health.failed(f"cannot find out what was revoked: {error}")
            else:
                health.succeeded(f"knows what was revoked up to change {self.book.number}")
            await until_set(asyncio.Event() if changed is None else changed, EVERY_SECONDS)

    def _was_followed_within(self, seconds: float) -> bool:
        followed = self._followed_seconds
        return followed is not None and 0 <= self._monotonic() - followed < seconds

    async def _ask(self) -> None:
        has_more = True
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while has_more:
                    asked_seconds = self._monotonic()
                    with seeing_every_tenant():
                        page = await self._feed(self.book.number)
                    self.book.take(page)
                    has_more = page.has_more
        except TimeoutError:
            raise _unknown() from None
        # Counted from when it was asked: what changed while the answer was under way may not be in it.
        self._followed_seconds = asked_seconds


def _unknown() -> Problem:
    detail = "Whether this credential still holds cannot be found out at the moment. Try again shortly."
    return Problem(503, "credentials-unknown", detail, headers={"retry-after": RETRY_SECONDS})
