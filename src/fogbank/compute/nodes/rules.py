"""What may be said about placements and keys, and when. Pure."""

from datetime import datetime, timedelta

BACKDATED_MAX = timedelta(minutes=5)
"""How long ago a placement may have begun or ended when it is written down.

Readings were judged by what was known when they came, so a longer past could only be told otherwise, never changed.
"""
OVERLAP = timedelta(hours=24)
"""How long the old key holds beside a new one, so that what is under way still arrives."""
KEYS_MAX = 10
"""How many keys of a node may hold at once, so that nobody fills what is told of it to all who judge."""
KEPT = timedelta(days=15)
"""How long an ended placement still bears on readings: a week on the agent's disk, and a week on the queue."""


def is_sayable(at: datetime, now: datetime) -> bool:
    """Whether a placement may begin or end at that instant, written down now."""
    return now - BACKDATED_MAX <= at <= now
