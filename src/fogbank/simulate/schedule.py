"""Schedules: which periods are played."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """`periods` of `period_seconds` each, one after the other, from `starts_us` (µs since the epoch)."""

    starts_us: int
    period_seconds: int
    periods: int

    @classmethod
    def ending_by(cls, instant_us: int, period_seconds: int, periods: int) -> "Schedule":
        """The last whole periods, on the grid, that are over at `instant_us`."""
        return cls(on_grid(instant_us, period_seconds) - periods * period_seconds * 1_000_000, period_seconds, periods)

    @property
    def ends_us(self) -> int:
        return self.starts_us + self.periods * self.period_seconds * 1_000_000

    def __iter__(self) -> Iterator[int]:
        """The start of every period."""
        return iter(range(self.starts_us, self.ends_us, self.period_seconds * 1_000_000))


def on_grid(instant_us: int, period_seconds: int) -> int:
    """The last start of a period at or before `instant_us`: a multiple of its length since the epoch."""
    step_us = period_seconds * 1_000_000
    return instant_us // step_us * step_us
