"""Usage's decisions: which reading of an identity wins, which span it falls into, when a span is rolled up."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.kernel.quantities import MICROS_PER_UNIT, decimal_text
from fogbank.usage.client import Interval
from fogbank.usage.model import HOUR_US, Mark, Span

REVISION_BITS = 56
REPORTED_BIT = 55
ORDINAL_BITS = 16
EARLIEST = (1 << REVISION_BITS) - 1
"""The rank of the first reading of the first message; later ones rank lower."""

CLOSING_SECONDS = 60
"""How long after its end an hour is waited for: readings of its last period are still on their way."""
QUIET_US = 20 * 1_000_000
"""An hour is rolled up after no reading came into it for this long…"""
OVERDUE_US = 300 * 1_000_000
"""…or anyway when its last reading came this long after what is rolled up."""


def version_of(revision: int, stream_sequence: int, ordinal: int, *, is_reported: bool = False) -> int:
    """The rank of a reading among those of its identity: the highest is stored.

    A higher revision wins; within one, what a node measured before what a customer reported by the door, who could
    else pre-empt the meter; then the reading that the queue accepted first, whatever the order of redelivery.
    """
    rank = EARLIEST - (stream_sequence << ORDINAL_BITS | ordinal)
    return (revision << REVISION_BITS) + rank - (is_reported << REPORTED_BIT)


def quantity_texts(names: Sequence[str], quantities_micros: Sequence[int]) -> dict[str, str]:
    """Micro-units by name as decimal strings by name."""
    return {name: decimal_text(micros) for name, micros in zip(names, quantities_micros, strict=True)}


AVERAGES = {
    "cpu_percent": "cpu_percent_seconds",
    "memory_gb": Meter.MEMORY_GB_SECONDS.value,
    "memory_percent": "memory_percent_seconds",
    "storage_gb": Meter.STORAGE_GB_SECONDS.value,
}
"""Gauges, and what each is when held over time: their quotient by the time is the average that people want to see."""


def average_micros(held_micros: int, length_us: int) -> int:
    """The average of a gauge over the time that was measured, in micro-units, rounded half up."""
    return (2 * held_micros * MICROS_PER_UNIT + length_us) // (2 * length_us)


def month_start(month: int) -> datetime:
    """The first instant of a month that is written as YYYYMM."""
    return datetime(month // 100, month % 100, 1, tzinfo=UTC)


def start_of(instant_us: int, length_us: int) -> int:
    """The start of the span of `length_us`, counted from the epoch, that holds the instant."""
    return instant_us - instant_us % length_us


def hours_due(marks: Iterable[Mark], now_us: int, quiet_us: int = QUIET_US) -> list[Mark]:
    """The hours to roll up now: those that are over and came to rest, or kept moving for too long."""
    closed = [mark for mark in marks if mark.start_us + HOUR_US + CLOSING_SECONDS * 1_000_000 <= now_us]
    return [mark for mark in closed if now_us - mark.marked >= quiet_us or mark.marked - mark.rolled >= OVERDUE_US]


def spans_of(starts_us: Iterable[int], length_us: int, gap_us_max: int, span_us_max: int) -> list[Span]:
    """Few spans that cover all of these, none longer than `span_us_max`; those up to `gap_us_max` apart are joined.

    Reading a gap costs less than another query does, up to a point; and what one query holds in memory is bounded.
    """
    spans: list[Span] = []
    for start_us in sorted(starts_us):
        end_us = start_us + length_us
        last = spans[-1] if spans else None
        if last and start_us - last.end_us <= gap_us_max and end_us - last.start_us <= span_us_max:
            spans[-1] = Span(last.start_us, end_us)
        else:
            spans.append(Span(start_us, end_us))
    return spans


def interval_bounds(from_at: datetime, to_at: datetime, interval: Interval, timezone: ZoneInfo) -> list[datetime]:
    """The starts of the intervals that touch [from_at, to_at) and the end of the last, as instants.

    A day or month is the calendar's of `timezone`: a day may have 23 or 25 hours. Hours are the timezone's as well.
    """
    bounds = [interval_start(from_at, interval, timezone)]
    while bounds[-1] < to_at:
        bounds.append(next_start(bounds[-1], interval, timezone))
    return bounds


def interval_start(instant: datetime, interval: Interval, timezone: ZoneInfo) -> datetime:
    """The start of the interval that holds `instant`, as an instant in UTC."""
    local = instant.astimezone(timezone)
    match interval:
        case "hour":
            # Subtracting from the instant itself keeps the second of two equal hours apart from the first.
            return instant - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        case "day":
            return _in_utc(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0))
        case "month":
            return _in_utc(local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0))
        case _:
            assert_never(interval)


def next_start(start: datetime, interval: Interval, timezone: ZoneInfo) -> datetime:
    """The start of the interval after the one that starts at `start`."""
    if interval == "hour":
        return interval_start(start + timedelta(hours=1), "hour", timezone)
    # A day has at most 25 hours and a month 31 days: a step into the middle of the next one, then back to its start.
    step = timedelta(hours=36) if interval == "day" else timedelta(days=45)
    return interval_start(start + step, interval, timezone)


def _in_utc(local: datetime) -> datetime:
    return instant_of(microseconds_of(local))
