"""Periods: half-open spans of time in UTC. They include their start and exclude their end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `start_at`, included, to `end_at`, excluded; both aware and in UTC."""

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        if self.start_at.tzinfo is not UTC or self.end_at.tzinfo is not UTC:
            raise ValueError("a period's bounds are aware datetimes in UTC")
        if self.end_at <= self.start_at:
            raise ValueError("a period ends after it starts")

    @property
    def seconds(self) -> float:
        return (self.end_at - self.start_at).total_seconds()

    def __contains__(self, instant: datetime) -> bool:
        return self.start_at <= instant < self.end_at


def microseconds_of(instant: datetime) -> int:
    """Microseconds since the Unix epoch, exactly."""
    return (instant - EPOCH) // MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """The instant that many microseconds after the Unix epoch."""
    return EPOCH + timedelta(microseconds=microseconds)


def grid_floor(instant: datetime, step_seconds: int) -> datetime:
    """The last multiple of `step_seconds` since the Unix epoch at or before `instant`."""
    return EPOCH + timedelta(seconds=(instant - EPOCH) // timedelta(seconds=1) // step_seconds * step_seconds)


def month_of(instant: datetime) -> Period:
    """The calendar month in UTC that holds `instant`: the billing period."""
    start_at = instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Period(start_at, next_month(start_at))


def next_month(start_at: datetime) -> datetime:
    """The first instant of the month after the one that starts at `start_at`."""
    return start_at.replace(year=start_at.year + start_at.month // 12, month=start_at.month % 12 + 1)
