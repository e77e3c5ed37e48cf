"""Usage's own words: spans, marks, what a caller may see, what a history is asked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from fogbank.usage.client import GroupBy, Subject

MICROSECONDS = 1_000_000
WINDOW_US = 300 * MICROSECONDS
HOUR_US = 3_600 * MICROSECONDS
DAY_US = 86_400 * MICROSECONDS


class Grain(StrEnum):
    """What is rolled up by recomputation: payers by five minutes, instances by hour."""

    WINDOW = "window"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_us`, included, to `end_us`, excluded."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A span that readings came into and that is not rolled up since.

    `marked` is the stamp of the last reading's batch, `rolled` that of the last mark which was rolled up. Stamps are
    microseconds of the clock, made to increase.
    """

    start_us: int
    marked: int
    rolled: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Who pays for an instance, whose it is, and which node it is on; `""` where no node was named."""

    account_id: str
    user_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class HourRun:
    """What an hour's readings of an instance say of their sequence, or a part of them without a break.

    `first_sequence` and `last_sequence` are -1 where readings have none. A torn hour is one whose sequences are not an
    unbroken row of numbers; its readings tell more.
    """

    instance_id: str
    hour_us: int
    start_us: int
    end_us: int
    first_sequence: int
    last_sequence: int
    owner: Owner
    is_torn: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """From `start_us` to `end_us` an instance ran unmeasured; without length, that a gap closed."""

    instance_id: str
    start_us: int
    end_us: int
    owner: Owner
    readings_missing: int


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whose readings a caller may see: all with `accounts` None, else those of these payers and of `user_id`."""

    accounts: frozenset[str] | None
    user_id: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """To what a history is narrowed: any of those named of each kind; all where none is. Meters are never empty."""

    instance_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    node_ids: tuple[str, ...]
    tiers: tuple[str, ...]
    meters: tuple[str, ...]


class Place(NamedTuple):
    """A row's place in a history: its interval's start and its groups, each `""` where not grouped by."""

    start_us: int
    instance: str = ""
    user: str = ""
    tier: str = ""
    node: str = ""
    meter: str = ""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What a history is asked for. `bounds` are the starts of the intervals in order, and the end of the last.

    At most `rows_max` rows are wanted, of those that follow `after`.
    """

    subject: Subject
    subject_id: str
    bounds: tuple[int, ...]
    group_by: tuple[GroupBy, ...]
    only: Narrowed
    visibility: Visibility
    rows_max: int
    after: Place | None

    @property
    def span(self) -> Span:
        return Span(self.bounds[0], self.bounds[-1])
