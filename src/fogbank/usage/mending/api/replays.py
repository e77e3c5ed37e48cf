"""Routes of replays: read a part of the queue again, and see how far that is."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fogbank.kernel.periods import instant_of
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.usage.client.mending import ReplaysView, ReplayView
from fogbank.usage.errors import NotAllowed
from fogbank.usage.mending.api.refusals import REFUSALS
from fogbank.usage.mending.api.values import READ, WRITE, Key, Reason, instant_us_of
from fogbank.usage.mending.model import Replay
from fogbank.usage.mending.replays import Bound, Replays

Sequence = Annotated[int, Field(ge=1, le=2**62)]


class ReplayWish(BaseModel):
    """Which part of the queue, and why. Without a beginning, all that it keeps; without an end, up to now."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    from_sequence: Sequence | None = None
    from_time: AwareDatetime | None = None
    until_sequence: Annotated[Sequence | None, Field(description="Included.")] = None
    until_time: Annotated[AwareDatetime | None, Field(description="Excluded.")] = None

    def bounds(self) -> tuple[Bound, Bound]:
        """The beginning and the end; `NotAllowed` where one is said twice."""
        for name in ("from", "until"):
            sequence, at = getattr(self, f"{name}_sequence"), getattr(self, f"{name}_time")
            if sequence is not None and at is not None:
                raise NotAllowed(f"{name}_time", f"is one too many: give it or {name}_sequence")
            if at is not None:
                instant_us_of(f"{name}_time", at)
        return Bound(self.from_sequence, self.from_time), Bound(self.until_sequence, self.until_time)


def replay_routes(replays: Replays) -> APIRouter:
    router = APIRouter(prefix="/api/v1/usage/replays", tags=["usage"], dependencies=REFUSALS)

    @router.post("", status_code=202, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 503))
    async def begin_replay(body: ReplayWish, administrator: AdministratorCaller, key: Key = "") -> ReplayView:
        """For administrators: read and store a part of the queue again. Changes nothing where it is stored."""
        start, end = body.bounds()
        return _view(await replays.begin(start, end, actor_id=administrator.id, reason=body.reason, key=key))

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_replays(_administrator: AdministratorCaller) -> ReplaysView:
        """For administrators: every replay, newest first."""
        return ReplaysView([_view(replay) for replay in await replays.every()])

    @router.get("/{replay_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_replay(replay_id: Id, _administrator: AdministratorCaller) -> ReplayView:
        """For administrators: how far a replay is."""
        return _view(await replays.replay(replay_id))

    return router


def _view(replay: Replay) -> ReplayView:
    return ReplayView(
        id=replay.id,
        first_sequence=replay.first_sequence,
        last_sequence=replay.last_sequence,
        next_sequence=replay.next_sequence,
        messages=replay.messages,
        events=replay.events,
        wrong=replay.wrong,
        state=replay.state.value,
        actor_id=replay.actor_id,
        reason=replay.reason,
        began_at=instant_of(replay.began_at_us),
        changed_at=instant_of(replay.changed_at_us),
    )
