"""The clock: the only place that asks what time it is. Everything else is told."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC."""

MonotonicClock = Callable[[], float]
"""Gives seconds that never go back, from an arbitrary start."""


def now_utc() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


monotonic_seconds: MonotonicClock = time.monotonic
