"""Views of the activity log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An act in the activity log: who did what, to what, why, and the thing before and after it."""

    number: int
    at: datetime
    id: str
    actor_id: str
    action: str
    subject: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class ActivitiesView:
    """A page of the activity log, newest first; `next_cursor` is the `before` of the next page, or null at the end."""

    activities: list[ActivityView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ActivityChainView:
    """What walking the log's chain found: how many entries, the hash of the last, and what is broken, if anything."""

    entries: int
    hash: str
    broken: list[str]
