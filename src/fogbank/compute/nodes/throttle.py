"""Slows down guessing of tokens and signatures: an address that failed ten times waits a minute.

What is guessed has 256 bits, so nobody finds it; this keeps who tries from costing us signatures and queries.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.compute.nodes.errors import TooManyAttempts
from fogbank.runtime.expiring import ExpiringCache

FAILURES_MAX = 10
WINDOW = timedelta(minutes=1)
REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class RegistrationThrottle:
    """Counts failures in memory: a restart forgets them, which gives a guesser nothing."""

    _failures: ExpiringCache[str, tuple[int, datetime]] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))

    def begin(self, address: str, now: datetime) -> None:
        """`TooManyAttempts` where the address failed too often of late."""
        count, until = self._failures.get(address, now) or (0, now)
        if count >= FAILURES_MAX:
            raise TooManyAttempts(until - now)

    def failed(self, address: str, now: datetime) -> None:
        """Count a failure."""
        count, until = self._failures.get(address, now) or (0, now + WINDOW)
        self._failures.put(address, (count + 1, until), until)

    def succeeded(self, address: str) -> None:
        """Forget the failures before it."""
        self._failures.forget(address)
