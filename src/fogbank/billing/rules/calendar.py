"""Intervals of a person's calendar: the hour, day or month of a time zone that an instant falls into, in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from fogbank.kernel.periods import Period, month_of, next_month

Interval = Literal["hour", "day", "month"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def interval_of(instant: datetime, interval: Interval, timezone: ZoneInfo) -> Period:
    """The interval that holds `instant`. A day has 23 or 25 hours when the clocks change; an hour is always one."""
    local = instant.astimezone(timezone)
    if interval == "hour":
        # In UTC, since on the wall clock an hour may happen twice.
        start_at = (instant - (local - local.replace(minute=0, second=0, microsecond=0))).astimezone(UTC)
        return Period(start_at, start_at + HOUR)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if interval == "day":
        return Period(midnight.astimezone(UTC), (midnight + DAY).astimezone(UTC))
    first = midnight.replace(day=1)
    return Period(first.astimezone(UTC), next_month(first).astimezone(UTC))


def billing_months(from_at: datetime, to_at: datetime) -> Iterator[Period]:
    """The parts of `[from_at, to_at)` that lie in each calendar month in UTC, in order."""
    start_at = from_at
    while start_at < to_at:
        end_at = min(month_of(start_at).end_at, to_at)
        yield Period(start_at, end_at)
        start_at = end_at
