"""Scales: round numbers for an axis, and shares in percent."""

from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1, 2, 5, 10)
"""An axis counts in these, times a power of ten: people read 20, 40, 60 at a glance, 17, 34, 51 not."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values at even steps from 0 to `top`, the first that is not below what is drawn."""

    step: int
    top: int

    @property
    def ticks(self) -> Sequence[int]:
        return range(0, self.top + 1, self.step)

    def percent(self, value: int) -> float:
        """How far up the axis `value` is, in percent of its length."""
        return percent(value, self.top)


def scale_for(largest: int, steps_wanted: int = 4) -> Scale:
    """A scale of about `steps_wanted` steps that reaches `largest`, in the unit of `largest`. Never empty."""
    least = max(1, -(-largest // steps_wanted))
    magnitude = 10 ** (len(str(least)) - 1)
    step = next(factor * magnitude for factor in STEPS if factor * magnitude >= least)
    return Scale(step, step * max(1, -(-largest // step)))


def percent(part: int, whole: int) -> float:
    """`part` of `whole` in percent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0
