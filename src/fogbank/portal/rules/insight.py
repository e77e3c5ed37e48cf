"""What changed, and why: the one sentence under the chart, computed from what the chart shows or not said at all.

A change is a run of bars that each cost at least a quarter more, or each at least a quarter less, than the bars just
before the run did on average. Of all such runs the one that moved the most money counts, and only if it moved a
noticeable part of all that the chart shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fogbank.portal.model import Series

BASELINE_BARS_MIN = 3
BASELINE_BARS_MAX = 7
"""How many bars before a run say what was usual."""

CHANGE_PERCENT_MIN = 25
SHARE_OF_ALL_PERCENT_MIN = 3
"""Less than this share of the chart's total is not worth a sentence."""

CAUSE_PERCENT_MIN = 60
WHOLE_CAUSE_PERCENT_MIN = 95


@dataclass(frozen=True, slots=True)
class Cause:
    """One series that made most of a change; `is_all` when it made practically all of it."""

    key: str
    label: str
    is_all: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Bars `first` to `last`, both included, cost `extra_micros` more (or less, if negative) than usual.

    `usual_micros` is what they would have cost at the level of the bars before; it is never zero.
    """

    first: int
    last: int
    usual_micros: int
    extra_micros: int

    @property
    def ratio(self) -> float:
        return self.extra_micros / self.usual_micros


def biggest_change(totals_micros: Sequence[int]) -> Change | None:
    """The most expensive (or most saving) change among complete bars, or `None` when nothing stands out."""
    noticeable = sum(totals_micros) * SHARE_OF_ALL_PERCENT_MIN // 100
    changes = [change for change in _changes(totals_micros) if abs(change.extra_micros) >= max(1, noticeable)]
    return max(changes, key=lambda change: (abs(change.extra_micros), change.last), default=None)


def cause_of(change: Change, series: Sequence[Series]) -> Cause | None:
    """The series that made most of `change`, if one did. Needs at least two series: the only one explains nothing."""
    shares = [(100 * _extra(change, each.values_micros) // change.extra_micros, each) for each in series]
    if len(shares) < 2:  # noqa: PLR2004
        return None
    percent, main = max(shares, key=lambda share: share[0])
    if percent < CAUSE_PERCENT_MIN:
        return None
    return Cause(main.key, main.label, is_all=WHOLE_CAUSE_PERCENT_MIN <= percent <= 200 - WHOLE_CAUSE_PERCENT_MIN)


def _changes(totals: Sequence[int]) -> Iterator[Change]:
    for first in range(BASELINE_BARS_MIN, len(totals)):
        # Bars before the first reading are no baseline: starting is not a change.
        if all(totals[first - BASELINE_BARS_MIN : first]):
            last = _end_of_run(first, totals)
            if last is not None:
                usual = _usual(first, last, totals)
                yield Change(first, last, usual, sum(totals[first : last + 1]) - usual)


def _end_of_run(first: int, totals: Sequence[int]) -> int | None:
    """The last bar of the run that begins at `first`; `None` when that bar is like those before."""
    usual, direction = _usual(first, first, totals), 0
    for index in range(first, len(totals)):
        extra = totals[index] - usual
        stands_out = abs(extra) * 100 >= usual * CHANGE_PERCENT_MIN
        if not stands_out or extra * direction < 0:
            return index - 1 if index > first else None
        direction = extra
    return len(totals) - 1


def _usual(first: int, last: int, values: Sequence[int]) -> int:
    """What bars `first` to `last` would have cost at the mean of the bars before them."""
    before = values[max(0, first - BASELINE_BARS_MAX) : first]
    return sum(before) * (last - first + 1) // len(before)


def _extra(change: Change, values: Sequence[int]) -> int:
    usual = _usual(change.first, change.last, values)
    return sum(values[change.first : change.last + 1]) - usual
