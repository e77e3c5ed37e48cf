"""The route of conflicts. For administrators only: what lost may name another tenant than what won."""

from typing import Annotated

from fastapi import APIRouter, Query
from msgspec import Meta
from msgspec.json import Decoder
from pydantic import AwareDatetime

from fogbank.kernel.periods import instant_of
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.usage.client.mending import ConflictsView, ConflictView, ContentView
from fogbank.usage.cursors import cursor_of, place_of
from fogbank.usage.mending.api.refusals import REFUSALS
from fogbank.usage.mending.api.values import READ, instant_us_of
from fogbank.usage.mending.model import ConflictsAsked
from fogbank.usage.rules import quantity_texts
from fogbank.usage.store import conflicts
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import METRICS

PAGE, PAGE_MAX = 100, 1_000
BEGINNING = (-1, "", 0, 0)
NEVER_US = 2**62
SIDE = 7
"""How many columns of a row one of the two readings takes."""

Sequence = Annotated[int, Meta(ge=0, le=2**62)]
Ordinal = Annotated[int, Meta(ge=0, lt=2**16)]
PLACE = Decoder(tuple[int, str, Sequence, Ordinal])


def conflict_routes(engine: Engine) -> APIRouter:
    router = APIRouter(prefix="/api/v1/usage/conflicts", tags=["usage"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_conflicts(
        _administrator: AdministratorCaller,
        instance_id: Id | None = None,
        from_at: Annotated[AwareDatetime | None, Query(alias="from", description="Of readings from then on.")] = None,
        to_at: Annotated[AwareDatetime | None, Query(alias="to", description="Of readings before then.")] = None,
        after: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE,
    ) -> ConflictsView:
        """For administrators: readings that lost to an earlier one of the same identity and said something else."""
        asked = ConflictsAsked(
            instance_id=instance_id or "",
            from_us=0 if from_at is None else instant_us_of("from", from_at),
            to_us=NEVER_US if to_at is None else instant_us_of("to", to_at),
            after=BEGINNING if after is None else place_of(after, PLACE),
            limit=limit,
        )
        rows = await conflicts.page(engine, asked)
        page = rows[:limit]
        is_full = len(rows) > limit
        return ConflictsView([_view(row) for row in page], cursor_of(tuple(page[-1][:4])) if is_full else None)

    return router


def _view(row: Row) -> ConflictView:
    start_us, instance_id, *sides, found_at_us = row
    return ConflictView(
        instance_id=instance_id,
        period_start=instant_of(start_us),
        won=_content(start_us, sides[SIDE:]),
        lost=_content(start_us, sides[:SIDE]),
        found_at=instant_of(found_at_us),
    )


def _content(start_us: int, side: Row) -> ContentView:
    stream_sequence, ordinal, node_id, length_us, org_id, user_id, metrics = side
    return ContentView(
        period_end=instant_of(start_us + length_us),
        user_id=user_id,
        org_id=org_id or None,
        metrics=quantity_texts(METRICS, metrics),
        node_id=node_id,
        stream_sequence=stream_sequence,
        ordinal=ordinal,
    )
