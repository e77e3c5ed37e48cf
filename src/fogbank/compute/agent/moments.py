"""Moments: the wall clock and the monotonic clock, read together, and the grid on which periods end."""

from dataclasses import dataclass

from fogbank.compute.agent.model import Tick
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock, MonotonicClock


@dataclass(frozen=True, slots=True)
class Moments:
    """The wall clock and the monotonic clock of this boot."""

    clock: Clock
    monotonic: MonotonicClock
    boot_id: str

    def now(self) -> Tick:
        """The present moment, on both."""
        return Tick(microseconds_of(self.clock()), self.boot_id, round(self.monotonic() * 1e6))

    def last_of_grid(self, interval_seconds: int) -> Tick:
        """The last tick of the wall clock's grid. It is the same tick however late it is looked at."""
        now = self.now()
        late_us = now.end_us % (interval_seconds * 1_000_000)
        return Tick(now.end_us - late_us, self.boot_id, now.monotonic_us - late_us)

    def seconds_to_next(self, interval_seconds: int, ahead_seconds: float = 0.0) -> float:
        """How long until the next tick of the grid, or until `ahead_seconds` before one; more than 0."""
        interval_us = interval_seconds * 1_000_000
        return (interval_us - (self.now().end_us + round(ahead_seconds * 1e6)) % interval_us) / 1e6
