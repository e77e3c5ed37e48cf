"""What mending shows: readings with all that is known of them, conflicts, the quarantine, replays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fogbank.runtime.client import ServiceHttp

API = "/api/v1/usage"
KEY = "idempotency-key"


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One correction of a reading: by whom, why, and when."""

    revision: int
    actor_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A reading as it is billed, and where it came from.

    `metrics` are decimal strings in the units of the usage event. `revision` is how often it was corrected.
    `stream_sequence` is its message's place in the queue, `ordinal` its place in that message.
    """

    instance_id: str
    period_start: datetime
    period_end: datetime
    user_id: str
    org_id: str | None
    account_id: str
    metrics: dict[str, str]
    node_id: str
    sequence: int | None
    revision: int
    stream_sequence: int
    ordinal: int
    corrections: list[CorrectionView]


@dataclass(frozen=True, slots=True)
class ContentView:
    """What one of two readings of the same identity says, and where it came from."""

    period_end: datetime
    user_id: str
    org_id: str | None
    metrics: dict[str, str]
    node_id: str
    stream_sequence: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two readings of one identity that say different things: `won` was accepted first, `lost` is not billed."""

    instance_id: str
    period_start: datetime
    won: ContentView
    lost: ContentView
    found_at: datetime


@dataclass(frozen=True, slots=True)
class ConflictsView:
    """A page of conflicts in order of time; `next_cursor` asks for those that follow, and is null on the last page."""

    conflicts: list[ConflictView]
    next_cursor: str | None


EntryState = Literal["open", "replayed", "discarded"]


@dataclass(frozen=True, slots=True)
class QuarantineEntryView:
    """What was set aside: which field was wrong and why, from whom, and what became of it.

    `place` is where it came from: its message's place in the queue, and the event's place in that message, if it was
    only an event. `replayed_as` is its place in the queue since it was replayed.
    """

    id: int
    node_id: str
    field: str
    reason: str
    place: str
    payload_bytes: int
    received_at: datetime
    state: EntryState
    decided_by: str | None
    decided_because: str | None
    decided_at: datetime | None
    replayed_as: int | None


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A page of the quarantine, oldest first. `next_cursor` is the `after` of the next page, and null at the end.

    A page may be short, or empty, and still not be the last: so much was looked through that the next page goes on.
    """

    entries: list[QuarantineEntryView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class QuarantinePayloadView:
    """An entry and what is in it: `text` as people read it, unpacked, or null where it is none; `payload` in base64."""

    entry: QuarantineEntryView
    text: str | None
    payload: str


ReplayState = Literal["waiting", "running", "done"]


@dataclass(frozen=True, slots=True)
class ReplayView:
    """A part of the queue that is read again: from `first_sequence` to `last_sequence`, both included.

    Everything before `next_sequence` is done. `events` were stored again, which changes nothing where they were stored;
    `wrong` were set aside when they first came, and are not again.
    """

    id: str
    first_sequence: int
    last_sequence: int
    next_sequence: int
    messages: int
    events: int
    wrong: int
    state: ReplayState
    actor_id: str
    reason: str
    began_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReplaysView:
    """The replays, newest first."""

    replays: list[ReplayView]


@dataclass(frozen=True, slots=True)
class MendingClient:
    """Speaks to usage as an administrator, or as a service. Every act takes a reason and is in the activity log.

    A `key` names an act: the same key again is the same act.
    """

    http: ServiceHttp

    def as_caller(self, token: str) -> "MendingClient":
        """The same, with a user's own token."""
        return MendingClient(self.http.as_caller(token))

    async def reading(self, instance_id: str, period_start: datetime) -> ReadingView:
        """One reading with all that is known of it."""
        return await self.http.get(_reading_path(instance_id, period_start), as_=ReadingView)

    async def correct(
        self, instance_id: str, period_start: datetime, *, reason: str, key: str = "", **changes: Any
    ) -> ReadingView:
        """Correct a reading: `metrics` as decimal strings by name, `period_end`, `user_id`, `org_id` (None: none)."""
        body = {"reason": reason, **changes}
        path = _reading_path(instance_id, period_start)
        return await self.http.put(path, body, as_=ReadingView, headers={KEY: key})

    async def conflicts(self, **params: Any) -> ConflictsView:
        """A page of conflicts: `instance_id`, `from`, `to`, `after`, `limit`."""
        return await self.http.get(f"{API}/conflicts", params=params, as_=ConflictsView)

    async def quarantine(self, **params: Any) -> QuarantineView:
        """A page of the quarantine: `node_id`, `reason`, `state`, `from`, `to`, `after`, `limit`."""
        return await self.http.get(f"{API}/quarantine", params=params, as_=QuarantineView)

    async def entry(self, entry_id: int) -> QuarantinePayloadView:
        """An entry of the quarantine and what is in it."""
        return await self.http.get(f"{API}/quarantine/{entry_id}", as_=QuarantinePayloadView)

    async def replay_entry(self, entry_id: int, *, reason: str, text: str | None = None) -> QuarantineEntryView:
        """Send an entry through the queue again, as it is or as `text`; `Problem` 422 where it would still be wrong."""
        body = {"reason": reason, "text": text}
        return await self.http.post(f"{API}/quarantine/{entry_id}/replay", body, as_=QuarantineEntryView)

    async def discard_entry(self, entry_id: int, *, reason: str) -> QuarantineEntryView:
        """Let an entry be."""
        return await self.http.post(f"{API}/quarantine/{entry_id}/discard", {"reason": reason}, as_=QuarantineEntryView)

    async def begin_replay(self, bounds: Mapping[str, Any], *, reason: str, key: str = "") -> ReplayView:
        """Read a part of the queue again: `from_sequence` or `from_time`, `until_sequence` or `until_time`."""
        body = {"reason": reason, **bounds}
        return await self.http.post(f"{API}/replays", body, as_=ReplayView, headers={KEY: key})

    async def replay(self, replay_id: str) -> ReplayView:
        """How far a replay is."""
        return await self.http.get(f"{API}/replays/{replay_id}", as_=ReplayView)

    async def replays(self) -> list[ReplayView]:
        """Every replay, newest first."""
        return (await self.http.get(f"{API}/replays", as_=ReplaysView)).replays


def _reading_path(instance_id: str, period_start: datetime) -> str:
    start = period_start.isoformat().replace("+00:00", "Z")
    return f"{API}/instances/{instance_id}/readings/{start}"
