"""When a new key ends, and how long an old secret works beside the one that follows it. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

LIVES_DAYS: Mapping[str, int | None] = {"7": 7, "30": 30, "90": 90, "365": 365, "never": None}
USUAL_LIFE = "90"

OVERLAPS_SECONDS: Mapping[str, int] = {"0": 0, "3600": 3600, "86400": 86_400, "604800": 604_800}
USUAL_OVERLAP = "86400"


def end_of_life(choice: str, now: datetime) -> datetime | None:
    """The midnight (UTC) after so many whole days; None for a key without an end.

    At midnight, so that the same form sent twice names the same instant.
    """
    days = LIVES_DAYS.get(choice, LIVES_DAYS[USUAL_LIFE])
    if days is None:
        return None
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=days + 1), time(), UTC)


def overlap_seconds(choice: str) -> int:
    return OVERLAPS_SECONDS.get(choice, OVERLAPS_SECONDS[USUAL_OVERLAP])
