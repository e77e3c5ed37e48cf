"""History, answered: from hours where they are rolled up, from readings where they are not."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.usage.client import Gap, History
from fogbank.usage.cursors import cursor_of
from fogbank.usage.errors import NothingVisible
from fogbank.usage.history.rows import UsedRow, history_row, sums_limit, used_rows
from fogbank.usage.model import HOUR_US, Grain, HistoryQuery
from fogbank.usage.retention.model import FloorsNow
from fogbank.usage.rules import CLOSING_SECONDS, start_of
from fogbank.usage.store import history, marks
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.history import summed

GAPS_MAX = 100_000
"""How many gaps of an instance are listed; of more in one span, the first. Unmetered time counts them all."""


@dataclass(frozen=True, slots=True)
class HistoryService:
    """Answers from the store."""

    engine: Engine
    clock: Clock
    floors: FloorsNow = field(default_factory=FloorsNow)

    async def history(self, query: HistoryQuery, *, exists: bool) -> History:
        """A page of history; `NothingVisible` where there is no reading to see, unless the caller knows it `exists`."""
        limit = GAPS_MAX if query.subject == "instances" else 1
        dirty_hours, gaps = await asyncio.gather(self._dirty_hours(), history.gaps(self.engine, query, limit))
        page, is_last = await self._page(query, dirty_hours, with_gaps=bool(gaps))
        if not page and not exists:
            await self._require_any(query, dirty_hours)
        return History(
            rows=[history_row(query, row) for row in page],
            complete_until=self._complete_until(dirty_hours),
            next_cursor=None if is_last else cursor_of(page[-1].place),
            gaps=_told(query, gaps, query.span.end_us if is_last else page[-1].end_us),
        )

    async def pages(self, query: HistoryQuery, *, exists: bool) -> AsyncIterator[Sequence[UsedRow]]:
        """The whole of a history, `rows_max` rows at a time. `NothingVisible` comes with the first of them.

        When a page is full, the next questions are about as many intervals as it held, so that none reads far more
        than it gives.
        """
        first, step, intervals = 0, len(query.bounds) - 1, len(query.bounds) - 1
        part = query
        while first < intervals:
            dirty_hours, gaps = await asyncio.gather(self._dirty_hours(), history.gaps(self.engine, part, 1))
            page, is_last = await self._page(part, dirty_hours, with_gaps=bool(gaps))
            if part is query and not page and not exists:
                await self._require_any(query, dirty_hours)
            yield page
            if is_last:
                first, step, after = first + step, step * 2, None
            else:
                after = page[-1].place
                reached = query.bounds.index(after.start_us)
                first, step = reached, max(1, reached - first)
            part = replace(query, bounds=query.bounds[first : first + step + 1], after=after)

    async def _page(self, query: HistoryQuery, dirty_hours: set[int], *, with_gaps: bool) -> tuple[list[UsedRow], bool]:
        """The rows of a page, and whether it is the last."""
        read_hours, floors = sorted(_read_hours(query, dirty_hours)), self.floors.taken
        limit = sums_limit(query)
        sums = await history.rows(self.engine, query, read_hours, limit, floors, with_gaps=with_gaps)
        rows = list(used_rows(query, summed(query.only), sums))
        return rows[: query.rows_max], len(rows) <= query.rows_max

    async def _dirty_hours(self) -> set[int]:
        return {mark.start_us for mark in await marks.dirty(self.engine, Grain.HOUR)}

    async def _require_any(self, query: HistoryQuery, dirty_hours: Iterable[int]) -> None:
        if not await history.has_any(self.engine, query, sorted(dirty_hours)):
            raise NothingVisible(query.subject, query.subject_id)

    def _complete_until(self, dirty_hours: set[int]) -> datetime:
        """The start of the first hour that is still open or not rolled up."""
        open_us = start_of(microseconds_of(self.clock() - timedelta(seconds=CLOSING_SECONDS)), HOUR_US)
        return instant_of(min({open_us, *dirty_hours}))


def _told(query: HistoryQuery, gaps: Sequence[Row], until_us: int) -> list[Gap]:
    """An instance's gaps that begin in the intervals that this page reaches first; before the first, with the first."""
    if query.subject != "instances":
        return []
    ends = dict(zip(query.bounds, query.bounds[1:], strict=False))
    from_us = 0 if query.after is None else ends.get(query.after.start_us, query.span.end_us)
    return [
        Gap(instant_of(start_us), instant_of(end_us), missing)
        for start_us, end_us, missing in gaps
        if from_us <= start_us < until_us
    ]


def _read_hours(query: HistoryQuery, dirty_hours: set[int]) -> set[int]:
    """The hours to answer from readings: those not rolled up, and those that a bound cuts in two."""
    cut = {start_of(bound, HOUR_US) for bound in query.bounds if bound % HOUR_US}
    span = query.span
    return cut | {hour for hour in dirty_hours if span.start_us - HOUR_US < hour < span.end_us}
