"""Sparklines: the shape of a few numbers, without axes, as SVG paths in a box of 100 by 30."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
HEIGHT = 30
TOP = 4
BOTTOM = 27
"""Where the largest and the smallest value are drawn, so that the line's own width stays inside."""

POINTS_MIN = 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`line` follows the values; `area` closes it down to the bottom; `end` marks the last one."""

    line: str
    area: str
    end: str


def sparkline(values: Sequence[int], *, from_zero: bool = False) -> Sparkline | None:
    """The line through `values`, or `None` where there are too few to have a shape.

    `from_zero` puts zero at the bottom, for amounts; else the least value is there, for levels.
    """
    if len(values) < POINTS_MIN:
        return None
    low = min(0, *values) if from_zero else min(values)
    spread = max(values) - low
    points = [
        f"{WIDTH * index / (len(values) - 1):.1f} {_y(value - low, spread):.1f}" for index, value in enumerate(values)
    ]
    line = "M" + "L".join(points)
    return Sparkline(line, f"{line}V{HEIGHT}H0Z", f"M{points[-1]}h0")


def _y(above: int, spread: int) -> float:
    """A flat line lies at the bottom: nothing moved."""
    return BOTTOM - (BOTTOM - TOP) * above / spread if spread else float(BOTTOM)
