"""Routes of one's own notices and preferences, and of everybody's e-mails for administrators."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, StringConstraints

from fogbank.notifications import errors
from fogbank.notifications.client import (
    NOTIFICATIONS_PATH,
    NoticesView,
    PreferencesView,
    ReadView,
    SentEmailsView,
    UnreadView,
)
from fogbank.notifications.model import Channel, EventClass, Preferences, QuietHours
from fogbank.notifications.rules.quiet import QUIET_MINUTES_MAX
from fogbank.notifications.store.inbox import NEWEST
from fogbank.notifications.telling import COUNTED_MAX, Telling
from fogbank.notifications.views import notice_view, preferences_view, sent_view
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem, not_found

READ = [Depends(require_scope("notifications:read"))]
WRITE = [Depends(require_scope("notifications:write"))]
PAGE = 50
TIME_OF_DAY = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")

Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
NoticeId = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,500}$", description="A notice of one's own.")]
TimeOfDay = Annotated[str, StringConstraints(pattern=TIME_OF_DAY)]
PersonalChannels = Annotated[list[Literal["email", "portal"]], Field(max_length=2)]


@dataclass(frozen=True, slots=True)
class UpTo:
    """Up to where to read: the `cursor` of the newest notice that was seen."""

    up_to: Cursor


@dataclass(frozen=True, slots=True)
class NewQuietHours:
    """When no e-mails are wanted; to before from is next day. 20 hours at most."""

    from_time: TimeOfDay
    to_time: TimeOfDay
    timezone: Annotated[str, Field(max_length=64, description="An IANA time zone, such as Europe/Berlin.")]


@dataclass(frozen=True, slots=True)
class NewPreferences:
    """How to be told, whole: what is not named goes by every channel, and without quiet hours there are none."""

    channels: Annotated[dict[EventClass, PersonalChannels], Field(default_factory=dict)]
    quiet_hours: NewQuietHours | None = None


async def person_caller(caller: CurrentCaller) -> Caller:
    """A person (or a key of theirs): services are told nothing."""
    if caller.kind is not CallerKind.USER:
        raise Problem(403, "people-only", "A service has no notices of its own; act as a user.")
    return caller


PersonCaller = Annotated[Caller, Depends(person_caller)]


async def refusals_as_problems() -> AsyncIterator[None]:
    """Wraps a route: what its service refuses leaves it as a problem."""
    try:
        yield
    except errors.NoNotice as refusal:
        raise not_found("notice", refusal.notice_id) from None
    except errors.QuietTooLong:
        reason = f"must last {QUIET_MINUTES_MAX // 60} hours at most, so that some of the day is left to be told in"
        raise _invalid("quiet_hours", reason) from None
    except errors.NoTimeZone as refusal:
        reason = f"'{refusal.name[:40]}' is not a time zone; use an IANA name, such as Europe/Berlin or UTC"
        raise _invalid("quiet_hours.timezone", reason) from None


def notification_routes(telling: Telling) -> APIRouter:
    router = APIRouter(prefix=NOTIFICATIONS_PATH, tags=["notifications"], dependencies=[Depends(refusals_as_problems)])

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_notices(
        caller: PersonCaller,
        unread: Annotated[bool, Query(description="Only those not read.")] = False,
        before: Annotated[Cursor | None, Query(description="`next_cursor` of the page before.")] = None,
        limit: Limit = PAGE,
    ) -> NoticesView:
        """One's own notices, newest first."""
        below = NEWEST if before is None else int(before)
        items = await telling.notices(caller.id, below=below, is_unread=unread, limit=limit)
        views = [notice_view(item) for item in items]
        return NoticesView(views, views[-1].cursor if len(views) == limit else None)

    @router.get("/unread", dependencies=READ, responses=problem_responses(401, 403))
    async def count_unread(caller: PersonCaller) -> UnreadView:
        """How many of one's own notices are not read, counted up to a hundred."""
        count = await telling.count_unread(caller.id)
        return UnreadView(min(count, COUNTED_MAX), count > COUNTED_MAX)

    @router.post("/read", dependencies=WRITE, responses=problem_responses(401, 403))
    async def read_up_to(body: UpTo, caller: PersonCaller) -> ReadView:
        """Note that all up to that notice were read. Those that came since stay unread."""
        return ReadView(await telling.read_up_to(caller.id, int(body.up_to)))

    @router.post("/{notice_id}/read", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def read_notice(notice_id: NoticeId, caller: PersonCaller) -> ReadView:
        """Note that one was read; again is the same."""
        return ReadView(await telling.read(caller.id, notice_id))

    @router.get("/preferences", dependencies=READ, responses=problem_responses(401, 403))
    async def read_preferences(caller: PersonCaller) -> PreferencesView:
        """How one wants to be told."""
        return preferences_view(await telling.preferences(caller.id))

    @router.put("/preferences", dependencies=WRITE, responses=problem_responses(401, 403))
    async def put_preferences(body: NewPreferences, caller: PersonCaller) -> PreferencesView:
        """Set how one wants to be told, whole."""
        wanted = _preferences(body)
        await telling.put_preferences(caller.id, wanted)
        return preferences_view(wanted)

    @router.get("/emails", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_emails(
        _administrator: AdministratorCaller,
        state: Literal["queued", "sent", "failed"] | None = None,
        limit: Limit = PAGE,
    ) -> SentEmailsView:
        """For administrators: the newest e-mails to anybody, and what became of them."""
        return SentEmailsView([sent_view(sent) for sent in await telling.emails(state, limit)])

    return router


def _preferences(body: NewPreferences) -> Preferences:
    hours = body.quiet_hours
    return Preferences(
        {name: frozenset(Channel(each) for each in chosen) for name, chosen in body.channels.items()},
        None
        if hours is None
        else QuietHours(time.fromisoformat(hours.from_time), time.fromisoformat(hours.to_time), hours.timezone),
    )


def _invalid(field: str, reason: str) -> Problem:
    faults = [{"field": f"body.{field}", "reason": reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {field}: {reason}.", extra={"errors": faults})
