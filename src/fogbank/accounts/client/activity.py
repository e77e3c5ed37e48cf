"""Views of the activity log, and a client that reads it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from fogbank.runtime.client import ServiceHttp, unreachable
from fogbank.runtime.problems import Problem

ACTIVITY = "/api/v1/activity"
EXPORT_SECONDS = 60.0
"""How long the next part of an export may take."""


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An act in the activity log: who did what, to what, why, from where, and the thing before and after it.

    `account_id` is whose matter it is, empty for the installation's. `actor_kind` is user, administrator, machine,
    service, nobody (who was not signed in) or system. `credential_id` is the session or key. `format` says how the
    entry is hashed.
    """

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
    account_id: str = ""
    actor_kind: str = ""
    address: str = ""
    agent: str = ""
    credential_id: str = ""
    request_id: str = ""
    format: int = 1


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


@dataclass(frozen=True, slots=True)
class ActivityFilters:
    """Which entries; None asks for any. `action` names itself and all below it: `session` finds `session.opened`."""

    subject: str | None = None
    actor_id: str | None = None
    action: str | None = None
    address: str | None = None
    from_: datetime | None = None
    to: datetime | None = None

    def params(self) -> dict[str, str]:
        """As the routes take them."""
        instants = {"from": self.from_, "to": self.to}
        said = {name: instant.isoformat() for name, instant in instants.items() if instant is not None}
        texts = {"subject": self.subject, "actor_id": self.actor_id, "action": self.action, "address": self.address}
        return {**said, **{name: text for name, text in texts.items() if text is not None}}


@dataclass(frozen=True, slots=True)
class ActivityClient:
    """Reads the log, all of it or an account's, as far as the caller may."""

    service: ServiceHttp

    async def page(
        self,
        *,
        account_id: str | None = None,
        filters: ActivityFilters | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> ActivitiesView:
        """A page, newest first."""
        params = {**(filters or ActivityFilters()).params(), "before": before, "limit": limit}
        return await self.service.get(_path(account_id), params=params, as_=ActivitiesView)

    async def export(
        self, *, format_: str = "jsonl", account_id: str | None = None, filters: ActivityFilters | None = None
    ) -> AsyncIterator[bytes]:
        """The export as it comes, in `jsonl` or `csv`; docs/activity.md says how it is read and verified."""
        params = {**(filters or ActivityFilters()).params(), "format": format_}
        headers = {} if self.service.token is None else {"authorization": f"Bearer {await self.service.token()}"}
        asking = self.service.http.stream(
            "GET", f"{_path(account_id)}/export", params=params, headers=headers, timeout=EXPORT_SECONDS
        )
        try:
            async with asking as answer:
                if not answer.is_success:
                    raise Problem(answer.status_code, "export-refused", (await answer.aread()).decode()[:500])
                async for part in answer.aiter_bytes():
                    yield part
        except httpx.TransportError as error:
            raise unreachable(str(self.service.http.base_url), error) from error


def _path(account_id: str | None) -> str:
    return ACTIVITY if account_id is None else f"/api/v1/accounts/{account_id}/activity"
