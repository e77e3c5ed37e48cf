"""How long ago something was, as people say it."""

from datetime import datetime, timedelta

from fogbank.portal.formats import Formats

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def age(at: datetime, now: datetime, formats: Formats) -> str:
    """`just now`, `5 min ago`, `3 h ago`, then the day."""
    since = now - at
    if since < MINUTE:
        return "just now"
    if since < HOUR:
        return f"{since // MINUTE} min ago"
    if since < DAY:
        return f"{since // HOUR} h ago"
    is_this_year = formats.local(at).year == formats.local(now).year
    return formats.skeleton("MMMd" if is_this_year else "yMMMd", at)


def moment(at: datetime, formats: Formats) -> str:
    """The day and the time: `25 Nov, 14:05`."""
    return f"{formats.skeleton('MMMd', at)}, {formats.time(at)}"


def full_moment(at: datetime, formats: Formats) -> str:
    """With the year, for what is read long after or lies far ahead: `25 Nov 2026, 14:05`."""
    return f"{formats.skeleton('yMMMd', at)}, {formats.time(at)}"
