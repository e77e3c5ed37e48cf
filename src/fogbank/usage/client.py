"""What other components may know of usage: the views that its routes answer, and a typed client for them.

Quantities are decimal strings of whole units, by meter. Instants are RFC 3339 in UTC. What was not measured is absent,
never zero.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fogbank.runtime.client import ServiceHttp

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


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What one payer used so far in the calendar month (UTC) that starts at `month_start_at`."""

    account_id: str
    month_start_at: datetime
    quantities: dict[str, str]


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals that moved after the cursor that was asked with; `cursor` is what to ask with next time."""

    cursor: int
    totals: list[AccountTotal]


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """One payer's quantities, added up in four places that must agree, as decimal strings by meter."""

    account_id: str
    stored: dict[str, str]
    windows: dict[str, str]
    days: dict[str, str]
    hours: dict[str, str]


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """What the audit compares.

    `accepted_events` are the distinct identities among the valid events that the queue still holds, decoded anew;
    `accepted_stored` is how many of those the store has with the same content. `pending_messages` are not read yet, and
    `dirty_windows` not rolled up yet: while either is not zero the sides may differ without anything being wrong.
    """

    accepted_events: int
    accepted_stored: int
    stored_events: int
    window_events: int
    hour_events: int
    pending_messages: int
    dirty_windows: int
    accounts: list[AccountFigures]


@dataclass(frozen=True, slots=True)
class UsageClient:
    """Speaks to the usage component."""

    http: ServiceHttp

    async def history(
        self,
        kind: Subject,
        subject_id: str,
        *,
        from_at: datetime,
        to_at: datetime,
        interval: Interval = "hour",
        group_by: tuple[GroupBy, ...] = (),
        timezone: str = "UTC",
        cursor: str | None = None,
        limit: int | None = None,
    ) -> History:
        """One page of what an instance, user or organisation used; `Problem` 404 where the caller may see nothing."""
        params = {
            "from": from_at.isoformat(),
            "to": to_at.isoformat(),
            "interval": interval,
            "group_by": ",".join(group_by) or None,
            "timezone": timezone,
            "cursor": cursor,
            "limit": limit,
        }
        return await self.http.get(f"/api/v1/usage/{kind}/{subject_id}/history", params=params, as_=History)

    async def totals(self, changed_since: int) -> Totals:
        """The months' totals of every payer whose usage moved after `changed_since`; 0 asks for all. Services only."""
        return await self.http.get("/api/v1/usage/totals", params={"changed_since": changed_since}, as_=Totals)

    async def figures(self) -> UsageFigures:
        """What the audit compares; reads the queue and the store from end to end. Services only."""
        return await self.http.get("/api/v1/usage/figures", as_=UsageFigures)
