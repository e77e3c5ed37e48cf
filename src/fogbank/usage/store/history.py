# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""History: what was used, from hours where they are rolled up, from readings where they are not.

What a caller may see is part of the statement: rows of others are never read into this process.
"""

from collections.abc import Sequence
from typing import Any

from fogbank.usage.model import HOUR_US, WINDOW_US, HistoryQuery, Visibility
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.rollups import QUANTITIES
from fogbank.usage.store.schema import METERS, PERCENTAGES

SUMS = (*METERS, *PERCENTAGES)

SUBJECT = {
    "instances": "instance_id = {subject_id:String}",
    "users": "user_id = {subject_id:String}",
    "organizations": "account_id = {subject_id:String}",
}
GROUPS = {"instance": "instance_id", "user": "user_id"}

EVERYTHING = "true"
OWN = "(account_id IN {accounts:Array(String)} OR user_id = {viewer_id:String})"

IN_READ_HOURS = f"""
    intDiv(period_start_us, {WINDOW_US}) IN (
        SELECT arrayJoin(arrayFlatten(arrayMap(
            hour_us -> arrayMap(step -> intDiv(hour_us, {WINDOW_US}) + step, range({HOUR_US // WINDOW_US})),
            {{read_hours:Array(Int64)}}
        )))
    )
"""


def _where(subject: str, visibility: Visibility) -> str:
    return f"{SUBJECT[subject]} AND {EVERYTHING if visibility.accounts is None else OWN}"


def _parameters(subject_id: str, visibility: Visibility) -> dict[str, Any]:
    return {
        "subject_id": subject_id,
        "accounts": sorted(visibility.accounts or ()),
        "viewer_id": visibility.user_id,
    }


def _history(query: HistoryQuery) -> str:
    where = _where(query.subject, query.visibility)
    groups = [GROUPS[group] if group in query.group_by else "''" for group in GROUPS]
    keys = f"roundDown(at_us, {{bounds:Array(Int64)}}) AS start_us, {groups[0]} AS by_instance, {groups[1]} AS by_user"
    return f"""
        SELECT {keys}, {", ".join(f"sum({name}) AS total_{name}" for name in SUMS)}, sum(events) AS total_events
        FROM (
            SELECT start_us AS at_us, instance_id, user_id, {", ".join(SUMS)}, events
            FROM instance_hours FINAL
            WHERE {where} AND start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
              AND start_us NOT IN {{read_hours:Array(Int64)}}
            UNION ALL
            SELECT at_us, instance_id, user_id, {", ".join(f"{QUANTITIES[name]} AS {name}" for name in SUMS)}, 1
            FROM (
                SELECT *, account_id, period_start_us AS at_us FROM usage_events FINAL
                WHERE {where} AND period_start_us >= {{start_us:Int64}} AND period_start_us < {{end_us:Int64}}
                  AND {IN_READ_HOURS}
            )
        )
        GROUP BY start_us, by_instance, by_user
        HAVING total_events > 0 AND (start_us, by_instance, by_user)
            > ({{after_us:Int64}}, {{after_instance:String}}, {{after_user:String}})
        ORDER BY start_us, by_instance, by_user
        LIMIT {{limit:UInt32}}
    """


async def rows(engine: Engine, query: HistoryQuery, read_hours: Sequence[int]) -> Sequence[Row]:
    """Start, instance, user (each `""` where not grouped by), one sum per name of `SUMS`, and events; in that order.

    One row more than asked for says that there are more. `read_hours` are answered from the readings themselves: those
    not rolled up, and those that a bound cuts in two.
    """
    after_us, after_instance, after_user = query.after or (-1, "", "")
    parameters = {
        **_parameters(query.subject_id, query.visibility),
        "bounds": list(query.bounds),
        "start_us": query.span.start_us,
        "end_us": query.span.end_us,
        "read_hours": list(read_hours),
        "after_us": after_us,
        "after_instance": after_instance,
        "after_user": after_user,
        "limit": query.rows_max + 1,
    }
    return await engine.rows(_history(query), parameters)


async def has_any(engine: Engine, query: HistoryQuery, read_hours: Sequence[int]) -> bool:
    """Whether any reading at all of the subject is visible."""
    where = _where(query.subject, query.visibility)
    parameters = {**_parameters(query.subject_id, query.visibility), "read_hours": list(read_hours)}
    found = await engine.rows(
        f"""
        SELECT (SELECT count() FROM (SELECT 1 FROM instance_hours FINAL WHERE {where} AND events > 0 LIMIT 1))
             + (SELECT count() FROM (SELECT 1 FROM usage_events WHERE {where} AND {IN_READ_HOURS} LIMIT 1))
        """,
        parameters,
    )
    return bool(found[0][0])
