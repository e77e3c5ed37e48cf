"""What other components may know of usage: the views that its routes answer, and a typed client for them.

Quantities are decimal strings of whole units, by meter. Instants are RFC 3339 in UTC. What was not measured is absent,
never zero.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp
from fogbank.usage.client.figures import AccountFigures, UsageFigures
from fogbank.usage.client.history import (
    EVERYTHING,
    Format,
    Gap,
    GroupBy,
    History,
    HistoryRow,
    Interval,
    Only,
    Subject,
)
from fogbank.usage.client.totals import AccountTotal, Totals

__all__ = [
    "AccountFigures",
    "AccountTotal",
    "Format",
    "Gap",
    "GroupBy",
    "History",
    "HistoryRow",
    "Interval",
    "Only",
    "Subject",
    "Totals",
    "UsageClient",
    "UsageFigures",
]


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
        only: Only = EVERYTHING,
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
            **only.params,
            "after": cursor,
            "limit": limit,
        }
        return await self.http.get(f"/api/v1/usage/{kind}/{subject_id}/history", params=params, as_=History)

    async def totals(self, changed_since: int) -> Totals:
        """The months' totals of every payer whose usage moved after `changed_since`; 0 asks for all. Services only."""
        return await self.http.get("/api/v1/usage/totals", params={"changed_since": changed_since}, as_=Totals)

    async def totals_of(self, account_id: str) -> Totals:
        """All months' totals of one payer. Services only."""
        return await self.http.get("/api/v1/usage/totals", params={"account_id": account_id}, as_=Totals)

    async def figures(self) -> UsageFigures:
        """What the audit compares; reads the queue and the store from end to end. Services only."""
        return await self.http.get("/api/v1/usage/figures", as_=UsageFigures)
