# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""History: what was used, from hours where they are rolled up, from readings where they are not, and what is missing.

What a caller may see is part of the statement: rows of others are never read into this process.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from fogbank.usage.client.retention import DataClass
from fogbank.usage.model import HOUR_US, WINDOW_US, HistoryQuery, Narrowed, Place
from fogbank.usage.retention.model import NO_FLOORS, Floors
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.retention import kept, parameters_of
from fogbank.usage.store.rollups import QUANTITIES
from fogbank.usage.store.schema import METERS, PERCENTAGES
from fogbank.usage.store.tiers import with_tiers

SUMS = (*METERS, *PERCENTAGES)
AVERAGED = (*PERCENTAGES, "memory_gb_seconds", "storage_gb_seconds", "instance_seconds")
"""What averages are made of, whatever meters are asked for."""

SUBJECT = {
    "instances": "instance_id = {subject_id:String}",
    "users": "user_id = {subject_id:String}",
    "organizations": "account_id = {subject_id:String}",
}
GROUPS = {"instance": "instance_id", "user": "user_id", "tier": "tier", "node": "node_id"}
"""The columns of groups, in the order of places. Rows of every source have them all, `''` where it is not known."""

INSTANCES = "instance_id, node_id"
NO_INSTANCES = "'' AS instance_id, '' AS node_id"
NO_USER = "'' AS user_id"

OWN = "(account_id IN {accounts:Array(String)} OR user_id = {viewer_id:String})"

READ_WINDOWS = f"""
    SELECT arrayJoin(arrayFlatten(arrayMap(
        hour_us -> arrayMap(step -> hour_us + step * {WINDOW_US}, range({HOUR_US // WINDOW_US})),
        {{read_hours:Array(Int64)}}
    ))) AS window_us
"""
IN_READ_WINDOWS = f"start_us IN ({READ_WINDOWS})"
IN_READ_HOURS = f"""
    intDiv(period_start_us, {WINDOW_US}) IN (SELECT intDiv(window_us, {WINDOW_US}) FROM ({READ_WINDOWS}))
"""

# A gap is cut at the bounds of intervals: each piece is its interval's.
PIECES = """
    arrayJoin(arrayFilter(
        piece -> piece.2 > piece.1,
        arrayMap(
            (left_us, right_us) -> (greatest(start_us, left_us), least(end_us, right_us)),
            arrayPopBack({bounds:Array(Int64)}), arrayPopFront({bounds:Array(Int64)})
        )
    ))
"""


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
        **parameters_of(floors, _finer(query)),
        "bounds": list(query.bounds),
        "step_us": query.bounds[1] - query.bounds[0],
        "start_us": query.span.start_us,
        "end_us": query.span.end_us,
        "read_hours": list(read_hours),
        **{f"after_{name}": getattr(after, name) for name in ("start_us", *GROUPS)},
        "limit": limit,
    }
    finer = _kept_finer(query, floors) if read_hours else None
    return await engine.rows(_history(query, finer, with_gaps=with_gaps), parameters)


async def has_any(engine: Engine, query: HistoryQuery, read_hours: Sequence[int]) -> bool:
    """Whether any reading at all of the subject is visible, whatever the history is narrowed to."""
    where = _visible(query)
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
        WHERE {_in_span(query)}
        ORDER BY start_us
        LIMIT {{limit:UInt32}}
        """,
        parameters,
    )


def sees_whole_account(query: HistoryQuery) -> bool:
    """Whether the subject is an account of which the caller may see everything."""
    accounts = query.visibility.accounts
    return query.subject == "organizations" and (accounts is None or query.subject_id in accounts)


def needs_users(query: HistoryQuery) -> bool:
    """Whether it matters whose readings of a payer they are."""
    return not sees_whole_account(query) or "user" in query.group_by or bool(query.only.user_ids)


def needs_instances(query: HistoryQuery) -> bool:
    """Whether payers' and users' hours do not tell enough: they know neither instance nor node, and so no tier."""
    only = query.only
    return (
        query.subject == "instances"
        or not {"instance", "tier", "node"}.isdisjoint(query.group_by)
        or bool(only.instance_ids or only.node_ids or only.tiers)
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
        FROM ({_sources(query, names, finer, with_gaps=with_gaps)})
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


def _kept_finer(query: HistoryQuery, floors: Floors) -> str:
    """Whether what is finer than hours is kept, as SQL over `start_us` and `account_id`."""
    return "true" if floors.of(_finer(query)) == NO_FLOORS else kept(_finer(query), "start_us")


def _sources(query: HistoryQuery, names: Sequence[str], finer: str | None, *, with_gaps: bool) -> str:
    """What is added up: rolled hours, what is finer of the others, and gaps; with tiers where they matter."""
    parts = [_rolled(query, names, finer)]
    if finer is not None:
        parts.append(_readings(query, names, finer) if needs_instances(query) else _windows(query, names, finer))
    if with_gaps:
        parts.append(_missing(query, names))
    sources = " UNION ALL ".join(parts)
    if "tier" not in query.group_by and not query.only.tiers:
        return sources
    narrowed = "WHERE tier IN {tiers:Array(String)}" if query.only.tiers else ""
    return f"SELECT * FROM ({with_tiers(sources)}) {narrowed}"


def _rolled(query: HistoryQuery, names: Sequence[str], finer: str | None) -> str:
    others = "" if finer is None else f"AND (start_us NOT IN {{read_hours:Array(Int64)}} OR NOT {finer})"
    return f"""
        SELECT start_us AS at_us, start_us AS hour_us, {_columns(query)}, {", ".join(names)}, events, 0 AS unmetered_us
        FROM {_hours(query)} FINAL
        WHERE {_where(query)} AND start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}} {others}
    """


def _finer(query: HistoryQuery) -> DataClass:
    """What answers where hours cannot."""
    return DataClass.READINGS if needs_instances(query) else DataClass.WINDOWS


def _windows(query: HistoryQuery, names: Sequence[str], finer: str) -> str:
    return f"""
        SELECT start_us, intDiv(start_us, {HOUR_US}) * {HOUR_US}, {_columns(query)}, {", ".join(names)}, events, 0
        FROM account_windows FINAL
        WHERE {_where(query)} AND start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
          AND {IN_READ_WINDOWS} AND {finer}
    """


def _readings(query: HistoryQuery, names: Sequence[str], finer: str) -> str:
    return f"""
        SELECT start_us, intDiv(start_us, {HOUR_US}) * {HOUR_US}, {_columns(query)},
               {", ".join(QUANTITIES[name] for name in names)}, 1, 0
        FROM (SELECT *, account_id, period_start_us AS start_us FROM usage_events FINAL)
        WHERE {_where(query)} AND period_start_us >= {{start_us:Int64}} AND period_start_us < {{end_us:Int64}}
          AND {IN_READ_HOURS} AND {finer}
    """


def _missing(query: HistoryQuery, names: Sequence[str]) -> str:
    return f"""
        SELECT piece.1, intDiv(piece.1, {HOUR_US}) * {HOUR_US}, instance_id, node_id, user_id,
               {", ".join("0" for _ in names)}, 0, piece.2 - piece.1
        FROM (
            SELECT {PIECES} AS piece, {_columns(query)} FROM usage_gaps FINAL
            WHERE {_in_span(query)}
        )
    """


def _in_span(query: HistoryQuery) -> str:
    return f"""
        {_where(query)} AND end_us > start_us AND start_us < {{end_us:Int64}} AND end_us > {{start_us:Int64}}
    """


def _hours(query: HistoryQuery) -> str:
    """The rolled hours with the fewest rows that know what is asked for."""
    if needs_instances(query):
        return "instance_hours"
    return "user_hours" if needs_users(query) else "account_hours"


def _columns(query: HistoryQuery) -> str:
    """Instance, node and user of a row; `''` for those that the rolled hours do not know."""
    instances = INSTANCES if needs_instances(query) else NO_INSTANCES
    return f"{instances}, {'user_id' if needs_users(query) else NO_USER}"


def _visible(query: HistoryQuery) -> str:
    """Which rows the subject has and the caller may see."""
    if query.visibility.accounts is None or sees_whole_account(query):
        return SUBJECT[query.subject]
    return f"{SUBJECT[query.subject]} AND {OWN}"


def _where(query: HistoryQuery) -> str:
    only = query.only
    conditions = [_visible(query)]
    for column, values in (("instance_id", only.instance_ids), ("user_id", only.user_ids), ("node_id", only.node_ids)):
        if values:
            conditions.append(f"{column} IN {{{column}s:Array(String)}}")
    return " AND ".join(conditions)


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
