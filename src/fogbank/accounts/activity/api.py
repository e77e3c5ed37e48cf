"""Routes of the activity log: services write it, administrators read it, nobody changes it."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from pydantic import AfterValidator, StringConstraints

from fogbank.accounts.activity.model import Act, Entry, Wanted
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.client import ActivitiesView, ActivityChainView, ActivityView
from fogbank.accounts.guards import Limit
from fogbank.accounts.refusals import REFUSALS
from fogbank.runtime.http.caller import AdministratorCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id

PAGE = 100
NEWEST = 2**63 - 1


def _storable(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The database's JSON has no NUL, and UTF-8 no half of a pair."""
    try:
        text = msgspec.json.encode(state)
    except (UnicodeEncodeError, OverflowError, RecursionError):
        raise ValueError("cannot be stored as JSON") from None
    if rb"\u0000" in text:
        raise ValueError("must not contain the character NUL")
    return state


State = Annotated[dict[str, Any] | None, AfterValidator(_storable)]
Subject = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,400}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An act: by whom, what, to what, why, and the thing before and after it. `id` is the caller's."""

    id: Id
    actor_id: Id
    action: Id
    subject: Subject
    reason: Reason
    before: State = None
    after: State = None


def activity_routes(log: ActivityLog) -> APIRouter:
    router = APIRouter(prefix="/api/v1/activity", tags=["activity"], dependencies=REFUSALS)

    @router.post("", status_code=201, responses=problem_responses(401, 404, 409))
    async def record_activity(body: NewActivity, _service: ServiceCaller) -> ActivityView:
        """For services: write an act. The same id with the same content is the same entry; with other content, 409."""
        act = Act(body.id, body.actor_id, body.action, body.subject, body.reason, body.before, body.after)
        return _view(await log.record_once(act))

    @router.get("", responses=problem_responses(401, 404))
    async def read_activity(
        _administrator: AdministratorCaller,
        subject: Subject | None = None,
        actor_id: Id | None = None,
        action: Id | None = None,
        before: Annotated[int, Query(ge=1, le=NEWEST, description="The last number already seen.")] = NEWEST,
        limit: Limit = PAGE,
    ) -> ActivitiesView:
        """For administrators: what was done, newest first."""
        entries = await log.entries(Wanted(subject=subject, actor_id=actor_id, action=action), before, limit)
        is_full = len(entries) == limit
        return ActivitiesView([_view(entry) for entry in entries], entries[-1].number if is_full else None)

    @router.get("/chain", responses=problem_responses(401, 404))
    async def verify_activity(_administrator: AdministratorCaller) -> ActivityChainView:
        """For administrators: every entry hashed anew and compared with its hash and the one before it."""
        walk = await log.walk()
        return ActivityChainView(walk.entries, walk.hash.hex(), walk.broken)

    return router


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
    )


def _state(text: str | None) -> dict[str, Any] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])
