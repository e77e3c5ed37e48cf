"""Slows down guessing: an address that failed five times as one user waits a minute before it may try again.

Failures count per address and user together, so nobody can lock somebody else out from another place.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.rules import address_network
from fogbank.runtime.expiring import ExpiringCache

ATTEMPTS_MAX = 5
WINDOW = timedelta(minutes=1)
REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Attempts:
    count: int
    until: datetime


@dataclass(frozen=True, slots=True)
class SignInThrottle:
    """Counts attempts in memory: a restart forgets them, which costs a guesser more than it gives."""

    _attempts: ExpiringCache[tuple[str, str], _Attempts] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))

    def begin(self, address: str, email: str, now: datetime) -> None:
        """Count an attempt before it is checked, so that many at once count too; `TooManyAttempts` beyond five."""
        key = (address_network(address), email.lower())
        before = self._attempts.get(key, now) or _Attempts(0, now + WINDOW)
        if before.count >= ATTEMPTS_MAX:
            raise TooManyAttempts(before.until - now)
        self._attempts.put(key, _Attempts(before.count + 1, before.until), before.until)

    def succeeded(self, address: str, email: str) -> None:
        """Forget the failures before it."""
        self._attempts.forget((address_network(address), email.lower()))
