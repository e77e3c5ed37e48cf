"""What changed, and why: the one sentence under the chart, computed from what the chart shows or not said at all.

A change is a run of bars that cost more, or less, than was usual just before the run. It begins with a bar that differs
by a quarter, and goes on while bars differ by a tenth: a weekend does not end a rise. Usual is the median, so that a
few expensive days do not make the return to normal look like a change. Of all such runs the one that moved the most
money counts, and only if it moved a noticeable part of the chart's total.

It is about days and months. Within a day, and from day to day within a week, costs have a rhythm, which is no change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

from fogbank.portal.model import Series

BASELINE_BARS_MIN = 3
BASELINE_BARS_MAX = 14
"""How many bars before a run say what was usual."""

CHANGE_PERCENT_MIN = 25
STILL_CHANGED_PERCENT_MIN = 10
"""What begins a run, and what keeps it going."""

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
    if len(series) <= 1:
        return None
    totals = [sum(column) for column in zip(*(each.values_micros for each in series), strict=True)]
    bars = len(_baseline(change.first, totals))
    shares = [100 * _extra(change, bars, each.values_micros) // change.extra_micros for each in series]
    percent, main = max(zip(shares, series, strict=True), key=lambda share: share[0])
    if percent < CAUSE_PERCENT_MIN:
        return None
    return Cause(main.key, main.label, is_all=WHOLE_CAUSE_PERCENT_MIN <= percent <= 200 - WHOLE_CAUSE_PERCENT_MIN)


def _changes(totals: Sequence[int]) -> Iterator[Change]:
    for first in range(BASELINE_BARS_MIN, len(totals)):
        before = _baseline(first, totals)
        if len(before) >= BASELINE_BARS_MIN:
            usual = median_low(before)
            last = _end_of_run(first, totals, usual)
            if last is not None:
                run = totals[first : last + 1]
                yield Change(first, last, usual * len(run), sum(run) - usual * len(run))


def _baseline(first: int, totals: Sequence[int]) -> Sequence[int]:
    """The bars just before `first`, back to where metering began: starting is not a change."""
    earliest = max(0, first - BASELINE_BARS_MAX)
    since = next((index + 1 for index in range(first - 1, earliest - 1, -1) if totals[index] <= 0), earliest)
    return totals[since:first]


def _end_of_run(first: int, totals: Sequence[int], usual: int) -> int | None:
    """The last bar of the run that begins at `first`; `None` when that bar is like those before."""
    direction = 0
    for index in range(first, len(totals)):
        extra = totals[index] - usual
        percent_min = STILL_CHANGED_PERCENT_MIN if direction else CHANGE_PERCENT_MIN
        stands_out = abs(extra) * 100 >= usual * percent_min
        if not stands_out or extra * direction < 0:
            return index - 1 if index > first else None
        direction = extra
    return len(totals) - 1


def _extra(change: Change, baseline_bars: int, values: Sequence[int]) -> int:
    """What one series cost more in the run of `change` than was usual for it."""
    run = values[change.first : change.last + 1]
    return sum(run) - median_low(values[change.first - baseline_bars : change.first]) * len(run)
