"""Routes of the activity log: services write it, it is read by administrators and by those whom it concerns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from fogbank.accounts.activity import exporting
from fogbank.accounts.activity.exporting import ExportFormat, Head
from fogbank.accounts.activity.model import Act, ActorKind, Entry, Source, Wanted
from fogbank.accounts.activity.reading import NEWEST, Reading
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.activity.values import (
    AddressOrNone,
    Agent,
    Before,
    Filters,
    IdOrNone,
    Reason,
    StateValue,
    Subject,
)
from fogbank.accounts.client import ActivitiesView, ActivityChainView, ActivityView
from fogbank.accounts.guards import READ, Limit
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.accounts.refusals import REFUSALS
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.runtime.request_id import current_request_id

PAGE = 100
MEDIA_TYPES = {ExportFormat.JSONL: "application/jsonl", ExportFormat.CSV: "text/csv; charset=utf-8"}
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The entries, oldest first, and a last line that says where the chain ends.",
        "content": {"application/jsonl": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}},
    }
}


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An act: by whom, what, to what, why, and the thing before and after it. `id` is the caller's.

    `account_id` is whose matter it is, empty for the installation's; `address` and `agent` are whence it was asked.
    """

    id: Id
    actor_id: Id
    action: Id
    subject: Subject
    reason: Reason
    before: StateValue = None
    after: StateValue = None
    account_id: IdOrNone = ""
    actor_kind: ActorKind = ActorKind.UNKNOWN
    address: AddressOrNone = ""
    agent: Agent = ""


def activity_routes(log: ActivityLog) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["activity"], dependencies=REFUSALS)
    reading = Reading(log.database)

    @router.post("/activity", status_code=201, responses=problem_responses(401, 404, 409))
    async def record_activity(body: NewActivity, _service: ServiceCaller) -> ActivityView:
        """For services: write an act. The same id with the same content is the same entry; with other content, 409."""
        return _view(await log.record_once(_act(body)))

    @router.get("/activity", responses=problem_responses(401, 404))
    async def read_activity(
        _administrator: AdministratorCaller,
        filters: Filters,
        account_id: Id | None = None,
        before: Before = NEWEST,
        limit: Limit = PAGE,
    ) -> ActivitiesView:
        """For administrators: what was done, newest first."""
        return _page(await reading.page(replace(filters, account_id=account_id), before, limit), limit)

    @router.get("/activity/chain", responses=problem_responses(401, 404))
    async def verify_activity(_administrator: AdministratorCaller) -> ActivityChainView:
        """For administrators: every entry hashed anew and compared with its hash and the one before it."""
        walk = await log.walk()
        return ActivityChainView(walk.entries, walk.hash.hex(), walk.broken)

    @router.get(
        "/activity/export",
        response_class=StreamingResponse,
        response_model=None,
        responses={**EXPORTED, **problem_responses(401, 404)},
    )
    async def export_activity(
        _administrator: AdministratorCaller,
        filters: Filters,
        account_id: Id | None = None,
        format: ExportFormat = ExportFormat.JSONL,  # noqa: A002 - the parameter's name on the wire
    ) -> StreamingResponse:
        """For administrators: the whole log, or what is asked of it, as a file that can be verified offline."""
        return _export(reading, replace(filters, account_id=account_id), format)

    @router.get("/accounts/{account_id}/activity", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_account_activity(
        account_id: Id, caller: CurrentCaller, filters: Filters, before: Before = NEWEST, limit: Limit = PAGE
    ) -> ActivitiesView:
        """What was done to and by an account, newest first: for oneself, and for who may read it in an organisation."""
        await reading.require(caller, account_id)
        return _page(await reading.page(replace(filters, account_id=account_id), before, limit), limit)

    @router.get(
        "/accounts/{account_id}/activity/export",
        dependencies=READ,
        response_class=StreamingResponse,
        response_model=None,
        responses={**EXPORTED, **problem_responses(401, 403, 404)},
    )
    async def export_account_activity(
        account_id: Id,
        caller: CurrentCaller,
        filters: Filters,
        format: ExportFormat = ExportFormat.JSONL,  # noqa: A002 - the parameter's name on the wire
    ) -> StreamingResponse:
        """The same as a file, oldest first."""
        await reading.require(caller, account_id)
        return _export(reading, replace(filters, account_id=account_id), format)

    return router


def _act(body: NewActivity) -> Act:
    return Act(
        id=body.id,
        actor_id=body.actor_id,
        action=body.action,
        subject=body.subject,
        reason=body.reason,
        before=body.before,
        after=body.after,
        account_id=body.account_id,
        actor_kind=body.actor_kind,
        source=Source(address=body.address, agent=body.agent, request_id=current_request_id() or ""),
    )


def _export(reading: Reading, wanted: Wanted, format_: ExportFormat) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="activity.{format_}"'}
    return StreamingResponse(_parts(reading, wanted, format_), media_type=MEDIA_TYPES[format_], headers=headers)


async def _parts(reading: Reading, wanted: Wanted, format_: ExportFormat) -> AsyncIterator[bytes]:
    is_csv, head = format_ is ExportFormat.CSV, Head(0, 0, GENESIS.hex())
    if is_csv:
        yield exporting.csv_columns()
    async for entries in reading.all(wanted):
        head = Head(head.entries + len(entries), entries[-1].number, entries[-1].hash.hex())
        yield exporting.csv_lines(entries) if is_csv else exporting.json_lines(entries)
    yield exporting.csv_head(head) if is_csv else exporting.json_head(head)


def _page(entries: list[Entry], limit: int) -> ActivitiesView:
    return ActivitiesView([_view(entry) for entry in entries], entries[-1].number if len(entries) == limit else None)


def _view(entry: Entry) -> ActivityView:
    return ActivityView(
        number=entry.number,
        at=entry.at,
        id=entry.id,
        actor_id=entry.actor_id,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        before=_state(entry.before),
        after=_state(entry.after),
        hash=entry.hash.hex(),
        account_id=entry.account_id,
        actor_kind=entry.actor_kind,
        address=entry.address,
        agent=entry.agent,
        credential_id=entry.credential_id,
        request_id=entry.request_id,
        format=entry.format,
    )


def _state(text: str | None) -> dict[str, Any] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])
