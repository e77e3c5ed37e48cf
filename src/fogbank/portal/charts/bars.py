"""Stacked bars: one column per bucket, one segment per series, in percent of the plot's width and height.

Percentages need no view box, so text keeps its size and bars fill whatever width there is, without a line of script.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.portal.charts.scale import Scale, scale_for

FILLED = 0.68
"""How much of its column's width a bar takes."""

BAR_WIDTH_MAX_PERCENT = 4.6
"""A few months should not look like walls."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar. `tint` is its colour's number; `y` counts from the top."""

    tint: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One bar, and the full-height strip of the plot that belongs to it."""

    left: float
    width: float
    bar_left: float
    bar_width: float
    segments: Sequence[Segment]

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def top(self) -> float:
        """Where the bar ends, from the top of the plot."""
        return self.segments[-1].y if self.segments else 100.0


@dataclass(frozen=True, slots=True)
class StackedBars:
    """All columns, from left to right, and the scale they are drawn to."""

    scale: Scale
    columns: Sequence[Column]


def stacked_bars(rows: Sequence[tuple[int, Sequence[int]]], columns: int) -> StackedBars:
    """Stack `rows`, each a tint and one value per column, the first at the bottom. Values below zero count as zero."""
    heights = [[max(0, values[index]) for _, values in rows] for index in range(columns)]
    scale = scale_for(max((sum(column) for column in heights), default=0))
    tints = [tint for tint, _ in rows]
    return StackedBars(scale, [_column(index, columns, tints, heights[index], scale) for index in range(columns)])


def _column(index: int, columns: int, tints: Sequence[int], values: Sequence[int], scale: Scale) -> Column:
    width = 100 / columns
    bar_width = min(width * FILLED, BAR_WIDTH_MAX_PERCENT)
    left = index * width
    segments, reached = [], 0
    for tint, value in zip(tints, values, strict=True):
        if value:
            reached += value
            segments.append(Segment(tint, 100 - scale.percent(reached), scale.percent(value)))
    return Column(left, width, left + (width - bar_width) / 2, bar_width, segments)
