"""Routes of the quarantine: list, look, mend and send again, discard."""

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fogbank.kernel.periods import instant_of
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.usage.client.mending import QuarantineEntryView, QuarantinePayloadView, QuarantineView
from fogbank.usage.mending.api.refusals import REFUSALS
from fogbank.usage.mending.api.values import READ, WRITE, Reason, instant_us_of
from fogbank.usage.mending.model import EntriesAsked, EntryState
from fogbank.usage.mending.quarantine import Decided, Quarantine, text_of

PAGE, PAGE_MAX = 100, 1_000
TEXT_BYTES_MAX = 4 * 1024 * 1024
SEQUENCE_MAX = 2**62

EntryId = Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]


class EntriesQuery(BaseModel):
    """Which entries are asked for."""

    node_id: Id | None = None
    reason: Annotated[str | None, Field(max_length=200, description="A part of the field or the reason.")] = None
    state: EntryState | None = None
    from_at: Annotated[AwareDatetime | None, Field(alias="from", description="Set aside from then on.")] = None
    to_at: Annotated[AwareDatetime | None, Field(alias="to", description="Set aside before then.")] = None
    after: Annotated[int, Field(ge=0, le=SEQUENCE_MAX, description="`next_cursor` of the page before.")] = 0
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE

    def asked(self) -> EntriesAsked:
        """The same without words."""
        return EntriesAsked(
            node_id=self.node_id,
            reason=self.reason,
            state=self.state,
            from_us=None if self.from_at is None else instant_us_of("from", self.from_at),
            to_us=None if self.to_at is None else instant_us_of("to", self.to_at),
            after=self.after,
            limit=self.limit,
        )


class EntryReplayWish(BaseModel):
    """Why, and what to send instead of what the entry holds: an event, an array of them, or one a line."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    text: Annotated[str | None, Field(min_length=1, description="Default: as it is.")] = None


class DiscardWish(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


def quarantine_routes(quarantine: Quarantine) -> APIRouter:
    router = APIRouter(prefix="/api/v1/usage/quarantine", tags=["usage"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404, 503))
    async def list_entries(
        asked: Annotated[EntriesQuery, Query()], _administrator: AdministratorCaller
    ) -> QuarantineView:
        """For administrators: what was not valid, with the field and the reason, oldest first."""
        entries, more = await quarantine.page(asked.asked())
        return QuarantineView([_view(each) for each in entries], more)

    @router.get("/{entry_id}", dependencies=READ, responses=problem_responses(401, 403, 404, 503))
    async def read_entry(entry_id: EntryId, _administrator: AdministratorCaller) -> QuarantinePayloadView:
        """For administrators: an entry and what is in it."""
        decided, message = await quarantine.entry(entry_id)
        payload = base64.b64encode(message.payload).decode()
        return QuarantinePayloadView(_view(decided), text_of(message, TEXT_BYTES_MAX), payload)

    @router.post("/{entry_id}/replay", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 503))
    async def replay_entry(
        entry_id: EntryId, body: EntryReplayWish, administrator: AdministratorCaller
    ) -> QuarantineEntryView:
        """For administrators: send an entry through the queue again, mended or as it is. Twice is once."""
        decided = await quarantine.replay(entry_id, body.text, actor_id=administrator.id, reason=body.reason)
        return _view(decided)

    @router.post("/{entry_id}/discard", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 503))
    async def discard_entry(
        entry_id: EntryId, body: DiscardWish, administrator: AdministratorCaller
    ) -> QuarantineEntryView:
        """For administrators: let an entry be. Its bytes stay until the queue forgets them."""
        return _view(await quarantine.discard(entry_id, actor_id=administrator.id, reason=body.reason))

    return router


def _view(decided: Decided) -> QuarantineEntryView:
    entry, decision = decided
    return QuarantineEntryView(
        id=entry.id,
        node_id=entry.node_id,
        field=entry.field,
        reason=entry.reason,
        place=entry.place,
        payload_bytes=entry.payload_bytes,
        received_at=instant_of(entry.received_us),
        state="open" if decision is None else decision.state.value,
        decided_by=None if decision is None else decision.actor_id,
        decided_because=None if decision is None else decision.reason,
        decided_at=None if decision is None else instant_of(decision.at_us),
        replayed_as=decision.stream_sequence if decision is not None and decision.stream_sequence else None,
    )
