"""Intervals of a person's calendar, in UTC, and where billing's months cut them.

Usage is known by the hour of UTC, and a day can only begin where an hour does. So hours are those of UTC in every time
zone, and days and months of a zone that is not whole hours from UTC (India's, Nepal's) begin with its next whole hour.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from fogbank.kernel.periods import Period, next_month

Interval = Literal["hour", "day", "month"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")


def whole_hour_zone(zone: ZoneInfo, interval: Interval, instant: datetime) -> ZoneInfo:
    """`zone`, or the one to take its place where it is not whole hours from UTC at `instant`; for hours, UTC."""
    if interval == "hour":
        return UTC_ZONE
    offset = instant.astimezone(zone).utcoffset() or timedelta(0)
    if offset % HOUR == timedelta(0):
        return zone
    hours = offset // HOUR
    return ZoneInfo(f"Etc/GMT{-hours:+d}" if hours else "UTC")  # their signs are the other way round


def interval_of(instant: datetime, interval: Interval, zone: ZoneInfo) -> Period:
    """The interval that holds `instant`. A day has 23 or 25 hours when the clocks change."""
    local = instant.astimezone(zone)
    if interval == "hour":
        start_at = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return Period(start_at, start_at + HOUR)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if interval == "day":
        return Period(midnight.astimezone(UTC), (midnight + DAY).astimezone(UTC))
    first = midnight.replace(day=1)
    return Period(first.astimezone(UTC), next_month(first).astimezone(UTC))


def whole_intervals(from_at: datetime, to_at: datetime, interval: Interval, zone: ZoneInfo) -> Period:
    """All of the intervals that `[from_at, to_at)` touches."""
    last = interval_of(to_at - timedelta.resolution, interval, zone)
    return Period(interval_of(from_at, interval, zone).start_at, last.end_at)


def month_starts(span: Period) -> Iterator[datetime]:
    """The starts of billing's months strictly inside `span`."""
    start_at = next_month(span.start_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    while start_at < span.end_at:
        yield start_at
        start_at = next_month(start_at)


def days_and_hours(span: Period) -> Iterator[tuple[Period, Interval]]:
    """`span`, which begins and ends with an hour, as whole days of UTC and the hours before and after them."""
    first_day, last_day = _next_day(span.start_at), _day(span.end_at)
    if first_day >= last_day:
        yield span, "hour"
        return
    if span.start_at < first_day:
        yield Period(span.start_at, first_day), "hour"
    yield Period(first_day, last_day), "day"
    if last_day < span.end_at:
        yield Period(last_day, span.end_at), "hour"


def _day(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_day(instant: datetime) -> datetime:
    return _day(instant + DAY - timedelta.resolution)
