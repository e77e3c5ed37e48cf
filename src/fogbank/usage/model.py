"""Usage's own words: spans, marks, what a caller may see, what a history is asked for."""

from dataclasses import dataclass
from enum import StrEnum

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
class Visibility:
    """Whose readings a caller may see: all with `accounts` None, else those of these payers and of `user_id`."""

    accounts: frozenset[str] | None
    user_id: str


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What a history is asked for. `bounds` are the starts of the intervals in order, and the end of the last."""

    subject: Subject
    subject_id: str
    bounds: tuple[int, ...]
    group_by: tuple[GroupBy, ...]
    visibility: Visibility
    rows_max: int
    after: tuple[int, str, str] | None

    @property
    def span(self) -> Span:
        return Span(self.bounds[0], self.bounds[-1])
