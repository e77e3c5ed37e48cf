"""Stamps: numbers that only grow, also across restarts and through a clock that is set back."""

from dataclasses import dataclass

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock


@dataclass(slots=True)
class Stamps:
    """Microseconds of the clock, or one more than the last, whichever is higher. One per store, from its `last`."""

    clock: Clock
    last: int

    def take(self) -> int:
        """The next stamp."""
        self.last = max(self.last + 1, microseconds_of(self.clock()))
        return self.last
