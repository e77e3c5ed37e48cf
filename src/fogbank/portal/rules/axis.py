"""Which bars get a label below them: about seven on a wide screen, every second of those on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.portal.model import Bucket, Range

LABELS_WANTED = 7
QUARTERS_PER_DAY = 4
HOURS_APART = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """The bar that a label belongs to, and how many bars it stands for: a day's label covers four quarters."""

    index: int
    bars: int
    is_sparse: bool


def labelled(span: Range, buckets: Sequence[Bucket]) -> list[Labelled]:
    """The bars with labels, from left to right. Those marked sparse give way where there is little room."""
    match span:
        case Range.DAY:
            chosen = {index: 1 for index, bucket in enumerate(buckets) if bucket.start_at.hour % HOURS_APART == 0}
        case Range.WEEK:
            chosen = _days(buckets)
        case Range.MONTH:
            chosen = _evenly(len(buckets), len(buckets) // LABELS_WANTED)
        case Range.YEAR:
            chosen = _evenly(len(buckets), 1)
    return [
        Labelled(index, bars, is_sparse=(len(chosen) - position) % 2 == 0)
        for position, (index, bars) in enumerate(chosen.items())
    ]


def _days(buckets: Sequence[Bucket]) -> dict[int, int]:
    """Each midnight's bar, and how many bars of its day are drawn: today may have only some."""
    midnights = [index for index, bucket in enumerate(buckets) if bucket.start_at.hour == 0]
    return {index: min(QUARTERS_PER_DAY, len(buckets) - index) for index in midnights}


def _evenly(bars: int, step: int) -> dict[int, int]:
    """Every so many bars, counted from the last, which is now."""
    return {index: 1 for index in range(bars) if (bars - 1 - index) % max(1, step) == 0}
