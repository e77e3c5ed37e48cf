# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""What a history is added up from: the rollup that knows the answer with the fewest rows, what is finer where hours are
not rolled up or are cut by a bound, and gaps. Who may see which of it is part of each.
"""

from collections.abc import Sequence

from fogbank.usage.client.retention import DataClass
from fogbank.usage.model import HOUR_US, WINDOW_US, HistoryQuery
from fogbank.usage.retention.model import NO_FLOORS, Floors
from fogbank.usage.store.retention import kept
from fogbank.usage.store.rollups import QUANTITIES
from fogbank.usage.store.tiers import with_tiers

SUBJECT = {
    "instances": "instance_id = {subject_id:String}",
    "users": "user_id = {subject_id:String}",
    "organizations": "account_id = {subject_id:String}",
}
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


def sources(query: HistoryQuery, names: Sequence[str], finer: str | None, *, with_gaps: bool) -> str:
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
        WHERE {where(query)} AND start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}} {others}
    """


def _windows(query: HistoryQuery, names: Sequence[str], finer: str) -> str:
    return f"""
        SELECT start_us, intDiv(start_us, {HOUR_US}) * {HOUR_US}, {_columns(query)}, {", ".join(names)}, events, 0
        FROM account_windows FINAL
        WHERE {where(query)} AND start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
          AND {IN_READ_WINDOWS} AND {finer}
    """


def _readings(query: HistoryQuery, names: Sequence[str], finer: str) -> str:
    return f"""
        SELECT start_us, intDiv(start_us, {HOUR_US}) * {HOUR_US}, {_columns(query)},
               {", ".join(QUANTITIES[name] for name in names)}, 1, 0
        FROM (SELECT *, account_id, period_start_us AS start_us FROM usage_events FINAL)
        WHERE {where(query)} AND period_start_us >= {{start_us:Int64}} AND period_start_us < {{end_us:Int64}}
          AND {IN_READ_HOURS} AND {finer}
    """


def _missing(query: HistoryQuery, names: Sequence[str]) -> str:
    return f"""
        SELECT piece.1, intDiv(piece.1, {HOUR_US}) * {HOUR_US}, instance_id, node_id, user_id,
               {", ".join("0" for _ in names)}, 0, piece.2 - piece.1
        FROM (
            SELECT {PIECES} AS piece, {_columns(query)} FROM usage_gaps FINAL
            WHERE {in_span(query)}
        )
    """


def finer_class(query: HistoryQuery) -> DataClass:
    """What answers where hours cannot."""
    return DataClass.READINGS if needs_instances(query) else DataClass.WINDOWS


def kept_finer(query: HistoryQuery, floors: Floors) -> str:
    """Whether what is finer than hours is kept, as SQL over `start_us` and `account_id`."""
    return "true" if floors.of(finer_class(query)) == NO_FLOORS else kept(finer_class(query), "start_us")


def _hours(query: HistoryQuery) -> str:
    """The rolled hours with the fewest rows that know what is asked for."""
    if needs_instances(query):
        return "instance_hours"
    return "user_hours" if needs_users(query) else "account_hours"


def _columns(query: HistoryQuery) -> str:
    """Instance, node and user of a row; `''` for those that the rolled hours do not know."""
    instances = INSTANCES if needs_instances(query) else NO_INSTANCES
    return f"{instances}, {'user_id' if needs_users(query) else NO_USER}"


def visible(query: HistoryQuery) -> str:
    """Which rows the subject has and the caller may see."""
    if query.visibility.accounts is None or sees_whole_account(query):
        return SUBJECT[query.subject]
    return f"{SUBJECT[query.subject]} AND {OWN}"


def where(query: HistoryQuery) -> str:
    only = query.only
    conditions = [visible(query)]
    for column, values in (("instance_id", only.instance_ids), ("user_id", only.user_ids), ("node_id", only.node_ids)):
        if values:
            conditions.append(f"{column} IN {{{column}s:Array(String)}}")
    return " AND ".join(conditions)


def in_span(query: HistoryQuery) -> str:
    return f"""
        {where(query)} AND end_us > start_us AND start_us < {{end_us:Int64}} AND end_us > {{start_us:Int64}}
    """


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
