"""Which bars a chart has: whole hours, quarters of a day, days or months of the person's own calendar.

The last bar holds the present instant and is not yet complete. Bars are made on the wall clock, so a day that a change
to summer time makes 23 hours long is still one bar.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from zoneinfo import ZoneInfo

from fogbank.portal.model import Bucket, Cost, Range, Series

HOURS = 24
DAYS_OF_WEEK = 7
DAYS_OF_MONTH = 30
MONTHS = 12
HOURS_PER_QUARTER_DAY = 6
MONTHS_PER_YEAR = 12


def buckets(span: Range, now: datetime, timezone: ZoneInfo) -> list[Bucket]:
    """The bars of `span` that end with the one `now` falls into, oldest first."""
    bounds = _bounds(span, now.astimezone(timezone))
    return [Bucket(start, end) for start, end in pairwise(bounds)]


def fold(costs: Iterable[Cost], into: Sequence[Bucket]) -> list[Series]:
    """Add `costs` up by key and bucket, largest series first. What lies outside the buckets is left out."""
    labels: dict[str, str] = {}
    values: dict[str, list[int]] = defaultdict(lambda: [0] * len(into))
    index_of = cache(partial(_bucket_index, [bucket.start_at for bucket in into], into[-1].end_at))
    for cost in costs:
        index = index_of(cost.start_at)
        if index is not None:
            labels[cost.key] = cost.label
            values[cost.key][index] += cost.micros
    folded = [Series(key, labels[key], values[key]) for key in values]
    return sorted(folded, key=lambda series: (-series.total_micros, series.key))


def _bucket_index(starts: Sequence[datetime], end: datetime, instant: datetime) -> int | None:
    """Which bucket holds `instant`. Worth remembering: many costs share few instants."""
    index = bisect_right(starts, instant) - 1
    return index if index >= 0 and instant < end else None


def _bounds(span: Range, now: datetime) -> list[datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match span:
        case Range.DAY:
            return _hours(now)
        case Range.WEEK:
            return _quarter_days(now, midnight)
        case Range.MONTH:
            return [midnight + timedelta(days=day) for day in range(1 - DAYS_OF_MONTH, 2)]
        case Range.YEAR:
            return [_months_later(midnight.replace(day=1), months) for months in range(1 - MONTHS, 2)]


def _hours(now: datetime) -> list[datetime]:
    """Hours are counted in UTC: on the wall clock one would be missing or double when summer time begins or ends."""
    this_hour = now.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return [(this_hour + timedelta(hours=hour)).astimezone(now.tzinfo) for hour in range(1 - HOURS, 2)]


def _quarter_days(now: datetime, midnight: datetime) -> list[datetime]:
    first_day = midnight - timedelta(days=DAYS_OF_WEEK)
    bounds = [
        (first_day + timedelta(days=day)).replace(hour=hour)
        for day in range(DAYS_OF_WEEK + 2)
        for hour in range(0, 24, HOURS_PER_QUARTER_DAY)
    ]
    current = bisect_right(bounds, now) - 1
    bars = DAYS_OF_WEEK * 24 // HOURS_PER_QUARTER_DAY
    return bounds[current + 1 - bars : current + 2]


def _months_later(first_of_month: datetime, months: int) -> datetime:
    years, month_index = divmod(first_of_month.month - 1 + months, MONTHS_PER_YEAR)
    return first_of_month.replace(year=first_of_month.year + years, month=month_index + 1)
