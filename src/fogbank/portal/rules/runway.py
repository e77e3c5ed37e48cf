"""How long a balance lasts, in words, and how loudly to say it."""

from datetime import timedelta
from enum import StrEnum

HOUR_SECONDS = int(timedelta(hours=1).total_seconds())
DAY_SECONDS = 24 * HOUR_SECONDS
YEAR_DAYS = 365
TENTHS_BELOW_DAYS = 10
IN_HOURS_BELOW_DAYS = 2


class Urgency(StrEnum):
    """How near the end is; the values are the colours' names in the style sheet."""

    CALM = ""
    SOON = "warn"
    NOW = "bad"


def runway_words(seconds: int) -> str:
    """`9.8 days left`, `23 days left`, `31 hours left`: as exact as the rate it is computed from allows."""
    days = seconds / DAY_SECONDS
    if seconds < HOUR_SECONDS:
        return "under an hour left"
    if days < IN_HOURS_BELOW_DAYS:
        return f"{seconds // HOUR_SECONDS} hours left" if seconds >= 2 * HOUR_SECONDS else "1 hour left"
    if days < TENTHS_BELOW_DAYS:
        return f"{int(days * 10) / 10:g} days left"
    return f"{int(days)} days left" if days <= YEAR_DAYS else "over a year left"


def urgency(seconds: int, warn_days: int) -> Urgency:
    """Bad news within a day, a warning within `warn_days`, else nothing to say."""
    if seconds < DAY_SECONDS:
        return Urgency.NOW
    return Urgency.SOON if seconds < warn_days * DAY_SECONDS else Urgency.CALM
