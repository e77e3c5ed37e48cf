"""When a new key ends, and how long an old secret works beside the one that follows it. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

NEVER = "never"
LIVES: Mapping[str, str] = {
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "A year",
    NEVER: "Until it is revoked",
}
"""How many days a key may work, as people call them."""
USUAL_LIFE = "90"

OVERLAPS: Mapping[str, str] = {
    "0": "not at all: it ends at once",
    "3600": "an hour",
    "86400": "a day",
    "604800": "a week",
}
"""How many seconds an old secret may go on, likewise."""
USUAL_OVERLAP = "86400"


def end_of_life(choice: str, now: datetime) -> datetime | None:
    """The midnight (UTC) after so many whole days; None for a key without an end.

    At midnight, so that the same form sent twice names the same instant.
    """
    days = choice if choice in LIVES else USUAL_LIFE
    if days == NEVER:
        return None
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=int(days) + 1), time(), UTC)


def overlap_seconds(choice: str) -> int:
    return int(_overlap(choice))


def rotated_note(choice: str) -> str:
    """What becomes of the secret before a new one."""
    if not overlap_seconds(choice):
        return "Put it where the old one was, which works no more."
    return f"Put it where the old one is. That works for {OVERLAPS[_overlap(choice)]}."


def _overlap(choice: str) -> str:
    return choice if choice in OVERLAPS else USUAL_OVERLAP
