"""What a request for history may say, and the views that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Subject = Literal["instances", "users", "organizations"]
Interval = Literal["hour", "day", "month"]
GroupBy = Literal["instance", "user", "meter", "tier", "node"]
Format = Literal["json", "csv", "arrow", "parquet"]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What one group used in one interval: from `start`, included, to `end`, excluded.

    `group` names the group by what was asked to group by. `averages` are weighted by time: `cpu_percent`, `memory_gb`,
    `memory_percent`, `storage_gb`. `events` is how many readings it is made of. `unmetered_seconds` is for how long
    readings are known to be missing, a decimal string, added up over instances. Where nothing else is known of an
    interval, it has a row of no events whose quantities and averages are absent; where nothing ran, it has no row.

    Grouped by meter, averages, events and unmetered seconds are repeated beside each meter.
    """

    start: datetime
    end: datetime
    group: dict[str, str]
    quantities: dict[str, str]
    averages: dict[str, str]
    events: int
    unmetered_seconds: str = "0"


@dataclass(frozen=True, slots=True)
class Gap:
    """From `start` to `end` an instance ran unmeasured: `readings_missing` of its readings never came."""

    start: datetime
    end: datetime
    readings_missing: int


@dataclass(frozen=True, slots=True)
class History:
    """A page of history in order of time, then group.

    Up to `complete_until` every reading that came is counted in its final place; after it, figures still grow, and
    what is missing is not looked for yet. `next_cursor` asks for the rows that follow, and is null on the last page.
    `gaps` are those of an instance that begin in the page's intervals, or before the first; empty for other subjects.
    Of more than 100,000 in the span that is asked for, they are the first.
    """

    rows: list[HistoryRow]
    complete_until: datetime
    next_cursor: str | None = None
    gaps: list[Gap] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Only:
    """What a history is narrowed to: of each kind any of those named, or all where none is."""

    instance_ids: Sequence[str] = ()
    user_ids: Sequence[str] = ()
    node_ids: Sequence[str] = ()
    tiers: Sequence[str] = ()
    meters: Sequence[str] = ()

    @property
    def params(self) -> dict[str, Any]:
        """As a request says it."""
        named = {
            "instance_id": self.instance_ids,
            "user_id": self.user_ids,
            "node_id": self.node_ids,
            "tier": self.tiers,
            "meter": self.meters,
        }
        return {name: ",".join(values) for name, values in named.items() if values}


EVERYTHING = Only()
