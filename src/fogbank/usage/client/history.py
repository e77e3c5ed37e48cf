"""What a request for history may say, and the views that answer it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Subject = Literal["instances", "users", "organizations"]
Interval = Literal["hour", "day", "month"]
GroupBy = Literal["instance", "user", "meter"]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What one group used in one interval: from `start`, included, to `end`, excluded.

    `group` names the group by what was asked to group by. `averages` are weighted by time: `cpu_percent`, `memory_gb`,
    `memory_percent`, `storage_gb`. `events` is how many readings it is made of; an interval without any has no row.
    """

    start: datetime
    end: datetime
    group: dict[str, str]
    quantities: dict[str, str]
    averages: dict[str, str]
    events: int


@dataclass(frozen=True, slots=True)
class History:
    """A page of history in order of time, then group.

    Up to `complete_until` every reading that came is counted in its final place; after it, figures still grow.
    `next_cursor` asks for the rows that follow, and is null on the last page.
    """

    rows: list[HistoryRow]
    complete_until: datetime
    next_cursor: str | None
