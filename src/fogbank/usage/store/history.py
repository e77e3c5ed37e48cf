# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""History: what was used, from hours where they are rolled up, from readings where they are not, and what is missing.

What a caller may see is part of the statement: rows of others are never read into this process.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from fogbank.usage.model import HistoryQuery, Narrowed, Place
from fogbank.usage.retention.model import Floors
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.history_sources import (
    IN_READ_HOURS,
    IN_READ_WINDOWS,
    finer_class,
    in_span,
    kept_finer,
    sources,
    visible,
)
from fogbank.usage.store.retention import parameters_of
from fogbank.usage.store.schema import METERS, PERCENTAGES

SUMS = (*METERS, *PERCENTAGES)
AVERAGED = (*PERCENTAGES, "memory_gb_seconds", "storage_gb_seconds", "instance_seconds")
"""What averages are made of, whatever meters are asked for."""

GROUPS = {"instance": "instance_id", "user": "user_id", "tier": "tier", "node": "node_id"}
"""The columns of groups, in the order of places. Rows of every source have them all, `''` where it is not known."""


def summed(only: Narrowed) -> tuple[str, ...]:
    """The sums that a history reads: those of the meters asked for, and those that averages need."""
    return tuple(name for name in SUMS if name in only.meters or name in AVERAGED)


async def rows(
    engine: Engine, query: HistoryQuery, read_hours: Sequence[int], limit: int, floors: Floors, *, with_gaps: bool
) -> Sequence[Row]:
    """Start, instance, user, tier, node (each `""` where not grouped by), one sum per name of `summed`, events, and
    microseconds unmetered; in order of the first five.

    Those after `query.after`, that place included when it is one meter's, and up to `limit` of them.
    `read_hours`, those not rolled up and those that a bound cuts in two, are answered from what is finer: instances
    from their readings, payers and users from their five minutes, which are rolled up every few seconds. Below the
    payer's floor nothing finer is kept, and hours answer in any case, each in the interval it starts in.
    Without gaps none are added, which spares a third of the time.
    """
    after = query.after or Place(-1)
    parameters = {
        **_parameters(query),
        **parameters_of(floors, finer_class(query)),
        "bounds": list(query.bounds),
        "step_us": query.bounds[1] - query.bounds[0],
        "start_us": query.span.start_us,
        "end_us": query.span.end_us,
        "read_hours": list(read_hours),
        **{f"after_{name}": getattr(after, name) for name in ("start_us", *GROUPS)},
        "limit": limit,
    }
    finer = kept_finer(query, floors) if read_hours else None
    return await engine.rows(_history(query, finer, with_gaps=with_gaps), parameters)


async def has_any(engine: Engine, query: HistoryQuery, read_hours: Sequence[int]) -> bool:
    """Whether any reading at all of the subject is visible, whatever the history is narrowed to."""
    where = visible(query)
    is_instance = query.subject == "instances"
    hours = "instance_hours" if is_instance else "user_hours"
    finer = f"usage_events WHERE {IN_READ_HOURS}" if is_instance else f"account_windows WHERE {IN_READ_WINDOWS}"
    found = await engine.rows(
        f"""
        SELECT (SELECT count() FROM (SELECT 1 FROM {hours} FINAL WHERE {where} AND events > 0 LIMIT 1))
             + (SELECT count() FROM (SELECT 1 FROM {finer} AND {where} LIMIT 1))
        """,
        {**_parameters(query), "read_hours": list(read_hours)},
    )
    return bool(found[0][0])


async def gaps(engine: Engine, query: HistoryQuery, limit: int) -> Sequence[Row]:
    """Start, end and missing readings of the gaps in the span of the history, in order of time, at most `limit`."""
    parameters = {
        **_parameters(query),
        "start_us": query.span.start_us,
        "end_us": query.span.end_us,
        "limit": limit,
    }
    return await engine.rows(
        f"""
        SELECT start_us, end_us, readings_missing FROM usage_gaps FINAL
        WHERE {in_span(query)}
        ORDER BY start_us
        LIMIT {{limit:UInt32}}
        """,
        parameters,
    )


def _history(query: HistoryQuery, finer: str | None, *, with_gaps: bool) -> str:
    names = summed(query.only)
    columns = {group: column if group in query.group_by else "''" for group, column in GROUPS.items()}
    keys = ", ".join(f"{column} AS by_{group}" for group, column in columns.items())
    by = ", ".join(("begin_us", *(f"by_{group}" for group in GROUPS)))
    return f"""
        SELECT {_begin(query)} AS begin_us, {keys},
               {", ".join(f"sum({name}) AS total_{name}" for name in names)},
               sum(events) AS total_events, sum(unmetered_us) AS total_unmetered_us
        FROM ({sources(query, names, finer, with_gaps=with_gaps)})
        GROUP BY {by}
        HAVING (total_events > 0 OR total_unmetered_us > 0) {_after(query, by)}
        ORDER BY {by}
        LIMIT {{limit:UInt32}}
    """


def _begin(query: HistoryQuery) -> str:
    """The start of the interval that holds `at_us`. To plan with a list of all bounds takes longer than to answer."""
    steps = {later - earlier for earlier, later in pairwise(query.bounds)}
    if len(steps) == 1:
        return "{start_us:Int64} + intDiv(at_us - {start_us:Int64}, {step_us:Int64}) * {step_us:Int64}"
    return "roundDown(at_us, {bounds:Array(Int64)})"


def _after(query: HistoryQuery, by: str) -> str:
    """Only what follows the page before; its last place again where meters of it are still to come."""
    if query.after is None:
        return ""
    after = ", ".join(("{after_start_us:Int64}", *(f"{{after_{group}:String}}" for group in GROUPS)))
    return f"AND ({by}) {'>=' if query.after.meter else '>'} ({after})"


def _parameters(query: HistoryQuery) -> dict[str, Any]:
    only = query.only
    return {
        "subject_id": query.subject_id,
        "accounts": sorted(query.visibility.accounts or ()),
        "viewer_id": query.visibility.user_id,
        "instance_ids": list(only.instance_ids),
        "user_ids": list(only.user_ids),
        "node_ids": list(only.node_ids),
        "tiers": list(only.tiers),
    }
