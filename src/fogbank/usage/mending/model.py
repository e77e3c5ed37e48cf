"""Mending's words: a reading as it is stored, what it says, and what somebody wants it to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fogbank.kernel.ids import payer_of
from fogbank.usage.model import HOUR_US, WINDOW_US, Grain
from fogbank.usage.rules import start_of


@dataclass(frozen=True, slots=True)
class Content:
    """What a reading says: how long its period is, who pays, and its metrics in micro-units, in the store's order."""

    length_us: int
    org_id: str
    user_id: str
    metrics_micros: tuple[int, ...]

    @property
    def account_id(self) -> str:
        return payer_of(self.user_id, self.org_id)


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading as it is stored: its identity, what it says, where it came from, and how often it was corrected.

    `sequence` is its node's number of it, -1 where the node gives none. `stream_sequence` and `ordinal` are its place
    in the queue, also after a correction.
    """

    instance_id: str
    start_us: int
    content: Content
    sequence: int
    node_id: str
    revision: int
    stream_sequence: int
    ordinal: int

    @property
    def spans(self) -> list[tuple[Grain, int]]:
        """The window and the hour that the reading falls into."""
        return [(Grain.WINDOW, start_of(self.start_us, WINDOW_US)), (Grain.HOUR, start_of(self.start_us, HOUR_US))]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reading is to say instead. None keeps what it says; an `org_id` of `""` takes the organisation away."""

    metrics_micros: Mapping[str, int]
    end_us: int | None
    user_id: str | None
    org_id: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading's next content, by whom and why. `key` is the caller's name of the act, `asked` a digest of the wish.

    `is_applied` once the reading says so and its spans are marked.
    """

    instance_id: str
    start_us: int
    revision: int
    content: Content
    key: str
    asked: str
    actor_id: str
    reason: str
    at_us: int
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Run:
    """What messages without a gap, `first_sequence` to `last_sequence`, brought into the window at `start_us`.

    `superseded` of the `events` are known to have lost to readings of other messages. The run 0 to 0 of a window is not
    of messages: it takes what was counted in more than one run.
    """

    start_us: int
    first_sequence: int
    last_sequence: int
    events: int
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class ConflictsAsked:
    """Which conflicts are asked for: of one instance or (`""`) all, of readings that start in a span.

    `after` is where the page before ended: start, instance, and the loser's place in the queue.
    """

    instance_id: str
    from_us: int
    to_us: int
    after: tuple[int, str, int, int]
    limit: int


class EntryState(StrEnum):
    """What became of an entry of the quarantine."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was set aside: which field was wrong and why, from whom, and from which place in the queue.

    `id` is its place in the quarantine, which no other entry ever gets while the stream lives; with `received_us` none
    ever does.
    """

    id: int
    node_id: str
    field: str
    reason: str
    place: str
    payload_bytes: int
    received_us: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an entry, and by whom and why. `stream_sequence` is where it went, if it was replayed."""

    entry: int
    received_us: int
    state: EntryState
    payload_sha256: str
    stream_sequence: int
    actor_id: str
    reason: str
    at_us: int


@dataclass(frozen=True, slots=True)
class EntriesAsked:
    """Which entries are asked for; None asks for any. `reason` is looked for in the field's name and in the reason."""

    node_id: str | None
    reason: str | None
    state: EntryState | None
    from_us: int | None
    to_us: int | None
    after: int
    limit: int


class ReplayState(StrEnum):
    """How far a replay is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Replay:
    """A part of the queue that is read again, `first_sequence` to `last_sequence`; all before `next_sequence` is done.

    `asked` is a digest of what was asked for under the id.
    """

    id: str
    asked: str
    first_sequence: int
    last_sequence: int
    next_sequence: int
    messages: int
    events: int
    wrong: int
    state: ReplayState
    actor_id: str
    reason: str
    began_at_us: int
    changed_at_us: int
