"""History, answered: from hours where they are rolled up, from readings where they are not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.usage.client import History, HistoryRow
from fogbank.usage.errors import NothingVisible
from fogbank.usage.history.asking import cursor_of
from fogbank.usage.model import HOUR_US, Grain, HistoryQuery
from fogbank.usage.rules import AVERAGES, CLOSING_SECONDS, average_text, quantity_texts, start_of
from fogbank.usage.store import history, marks
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.history import SUMS
from fogbank.usage.store.schema import METERS


@dataclass(frozen=True, slots=True)
class HistoryService:
    """Answers from the store."""

    engine: Engine
    clock: Clock

    async def history(self, query: HistoryQuery, *, exists: bool) -> History:
        """A page of history; `NothingVisible` where there is no reading to see, unless the caller knows it `exists`."""
        dirty_hours = {mark.start_us for mark in await marks.dirty(self.engine, Grain.HOUR)}
        rows = await history.rows(self.engine, query, sorted(_read_hours(query, dirty_hours)))
        if not rows and not exists and not await history.has_any(self.engine, query, sorted(dirty_hours)):
            raise NothingVisible(query.subject, query.subject_id)
        page = rows[: query.rows_max]
        last = page[-1] if len(rows) > query.rows_max else None
        return History(
            rows=[row for each in page for row in _history_rows(query, each)],
            complete_until=self._complete_until(dirty_hours),
            next_cursor=None if last is None else cursor_of((last[0], last[1], last[2])),
        )

    def _complete_until(self, dirty_hours: set[int]) -> datetime:
        """The start of the first hour that is still open or not rolled up."""
        open_us = start_of(microseconds_of(self.clock() - timedelta(seconds=CLOSING_SECONDS)), HOUR_US)
        return instant_of(min({open_us, *dirty_hours}))


def _read_hours(query: HistoryQuery, dirty_hours: set[int]) -> set[int]:
    """The hours to answer from readings: those not rolled up, and those that a bound cuts in two."""
    cut = {start_of(bound, HOUR_US) for bound in query.bounds if bound % HOUR_US}
    span = query.span
    return cut | {hour for hour in dirty_hours if span.start_us - HOUR_US < hour < span.end_us}


def _history_rows(query: HistoryQuery, row: Row) -> Iterator[HistoryRow]:
    start_us, instance_id, user_id, *numbers, events = row
    start, end = instant_of(start_us), instant_of(query.bounds[query.bounds.index(start_us) + 1])
    sums = dict(zip(SUMS, numbers, strict=True))
    group: dict[str, str] = {
        name: value for name, value in (("instance", instance_id), ("user", user_id)) if name in query.group_by
    }
    averages = {name: average_text(sums[held], sums[Meter.INSTANCE_SECONDS]) for name, held in AVERAGES.items()}
    quantities = quantity_texts(METERS, [sums[name] for name in METERS])
    if "meter" not in query.group_by:
        yield HistoryRow(start, end, group, quantities, averages, events)
        return
    for meter, quantity in quantities.items():
        yield HistoryRow(start, end, {**group, "meter": meter}, {meter: quantity}, averages, events)
