"""Quiet hours: until when somebody is not to be disturbed, on nights in which clocks are changed too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fogbank.notifications.errors import NoTimeZone, QuietTooLong
from fogbank.notifications.model import QuietHours

QUIET_MINUTES_MAX = 20 * 60
"""Some of every day is left to be told in, even of one that is shorter by an hour or two."""
MINUTES_PER_DAY = 24 * 60


def quiet_minutes(from_time: time, to_time: time) -> int:
    """How long they last on an ordinary day; the same time twice is the whole day."""
    minutes = (to_time.hour - from_time.hour) * 60 + to_time.minute - from_time.minute
    return minutes % MINUTES_PER_DAY or MINUTES_PER_DAY


def require_sensible(hours: QuietHours) -> None:
    """Refuses more than 20 hours with `QuietTooLong`, and a time zone that does not exist with `NoTimeZone`."""
    minutes = quiet_minutes(hours.from_time, hours.to_time)
    if minutes > QUIET_MINUTES_MAX:
        raise QuietTooLong(minutes)
    try:
        ZoneInfo(hours.timezone)
    except (ValueError, OSError, LookupError):
        raise NoTimeZone(hours.timezone) from None


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours that `now` is in end, in UTC; None outside of them."""
    zone = ZoneInfo(hours.timezone)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        start, end = _bounds(hours, day, zone)
        if start <= now < end:
            return end
    return None


def _bounds(hours: QuietHours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The quiet hours that begin on `day`, in UTC.

    A time that the clock skips is taken as far after the change as it would have been; one that comes twice begins at
    its first and ends at its second coming. (PEP 495.)
    """
    is_overnight = hours.to_time <= hours.from_time
    last_day = day + timedelta(days=1) if is_overnight else day
    start = datetime.combine(day, hours.from_time, zone)
    end = datetime.combine(last_day, hours.to_time, zone)
    return start.astimezone(UTC), max(end.astimezone(UTC), end.replace(fold=1).astimezone(UTC))
