# ruff: noqa: S608 - the SQL is put together from this file's own constants; values are bound by the engine
"""Gaps: where an instance's readings are missing, found from its rolled hours and, in torn ones, from its readings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import Any, TypeVar

from fogbank.usage.model import HOUR_US, WINDOW_US, Gap, HourRun, Owner, Span
from fogbank.usage.store.engine import Engine, Row

T = TypeVar("T")

PARAMETERS_MAX = 1_000

EXTENT = "SELECT count(), min(start_us), max(start_us) FROM instance_hours"

# An hour is torn when its sequences are not one unbroken row of numbers: something is missing, or it began anew.
HOURS = """
    SELECT instance_id, start_us AS hour_us, min(first_start_us) AS began_us, max(last_end_us) AS ended_us,
           minIf(first_sequence, first_sequence >= 0) AS first, max(last_sequence) AS last,
           sum(sequenced) AS numbered,
           numbered > 0 AND (numbered != sum(events) OR last - first + 1 != numbered) AS is_torn,
           argMax((account_id, user_id, node_id), (last_end_us, account_id, user_id, node_id)) AS owner
    FROM instance_hours FINAL
    WHERE {where} AND events > 0
    GROUP BY instance_id, start_us
"""

NEARBY = f"start_us >= {{start_us:Int64}} - {HOUR_US} AND start_us < {{end_us:Int64}} + {HOUR_US}"

# Of the instances in the span: those with something torn or not continued in it or beside it, those that begin or end
# in it while older or newer hours exist, and those with a gap there.
SUSPECTS = f"""
    SELECT instance_id FROM (
        SELECT instance_id, arraySort(groupArray((hour_us, first, last, is_torn))) AS hours,
               arrayExists(hour -> hour.1 >= {{start_us:Int64}} AND hour.1 < {{end_us:Int64}}, hours) AS is_here,
               arrayExists(hour -> hour.4, hours) OR arrayExists(
                   (hour, next) -> hour.3 >= 0 AND next.2 > hour.3 + 1, arrayPopBack(hours), arrayPopFront(hours)
               ) AS is_broken,
               hours[1].1 >= {{start_us:Int64}} AND {{start_us:Int64}} - {HOUR_US} > {{oldest_us:Int64}} AS begins,
               hours[-1].1 < {{end_us:Int64}} AND {{end_us:Int64}} + {HOUR_US} <= {{newest_us:Int64}} AS ends
        FROM ({HOURS.format(where=NEARBY)})
        GROUP BY instance_id
        HAVING is_here AND (is_broken OR begins OR ends OR instance_id IN (
            SELECT instance_id FROM usage_gaps FINAL
            WHERE end_us > greatest(start_us, {{start_us:Int64}} - {HOUR_US})
              AND start_us < {{end_us:Int64}} + {HOUR_US}
        ))
    )
    ORDER BY instance_id
"""

# The nearest hours of an instance outside what is nearby.
BEYOND = f"""
    SELECT instance_id, maxIf(start_us, start_us < {{start_us:Int64}}), minIf(start_us, start_us >= {{end_us:Int64}})
    FROM instance_hours FINAL
    WHERE instance_id IN {{instances:Array(String)}} AND NOT ({NEARBY}) AND events > 0
    GROUP BY instance_id
"""

NEEDED = f"""
    instance_id IN {{instances:Array(String)}}
    AND ({NEARBY} OR (instance_id, start_us) IN {{beyond:Array(Tuple(String, Int64))}})
"""

HOURS_NEEDED = f"""
    SELECT instance_id, hour_us, began_us, ended_us, if(numbered = 0, -1, first), last,
           owner.1, owner.2, owner.3, is_torn
    FROM ({HOURS.format(where=NEEDED)})
"""

# Of the readings of torn hours only what is between two breaks comes out, as one row.
READINGS = f"""
    SELECT instance_id, intDiv(min(period_start_us), {HOUR_US}) * {HOUR_US}, min(period_start_us),
           max(period_start_us + length_us), min(sequence), max(sequence),
           argMax(account_id, period_start_us), argMax(user_id, period_start_us), argMax(node_id, period_start_us)
    FROM (
        SELECT *, sum(is_break) OVER (PARTITION BY instance_id ORDER BY period_start_us) AS run
        FROM (
            SELECT instance_id, period_start_us, length_us, sequence, account_id, user_id, node_id,
                   sequence < 0 OR sequence != 1 + lagInFrame(sequence, 1, -2) OVER (
                       PARTITION BY instance_id, intDiv(period_start_us, {HOUR_US}) ORDER BY period_start_us
                       ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                   ) AS is_break
            FROM usage_events FINAL
            WHERE intDiv(period_start_us, {WINDOW_US}) IN {{windows:Array(Int64)}}
              AND instance_id IN {{instances:Array(String)}}
              AND (instance_id, intDiv(period_start_us, {HOUR_US}) * {HOUR_US}) IN {{torn:Array(Tuple(String, Int64))}}
        )
    )
    GROUP BY instance_id, run
"""

KNOWN = """
    SELECT instance_id, start_us, end_us, account_id, user_id, node_id, readings_missing FROM usage_gaps FINAL
    WHERE instance_id IN {instances:Array(String)} AND end_us > start_us
"""

WRITE = """
    INSERT INTO usage_gaps (instance_id, start_us, end_us, account_id, user_id, node_id, readings_missing, revision)
    SELECT each.1, each.2, each.3, each.4, each.5, each.6, each.7, {revision:UInt64}
    FROM (
        SELECT arrayJoin({gaps:Array(Tuple(String, Int64, Int64, String, String, String, UInt64))}) AS each
    )
"""


async def suspects(engine: Engine, span: Span) -> list[str]:
    """The instances in the span whose gaps may have changed, or that may have any; usually very few."""
    [(count, oldest_us, newest_us)] = await engine.rows(EXTENT)
    if not count:
        return []
    parameters = {**_span(span), "oldest_us": oldest_us, "newest_us": newest_us}
    return [str(instance_id) for (instance_id,) in await engine.rows(SUSPECTS, parameters)]


async def hours(engine: Engine, span: Span, instances: Sequence[str]) -> list[HourRun]:
    """The hours of these instances in the span, beside it, and those next to it however far away."""
    parameters: dict[str, Any] = {**_span(span), "instances": list(instances)}
    beyond = [
        (instance_id, hour_us)
        for instance_id, *ends in await engine.rows(BEYOND, parameters)
        for hour_us in ends
        if hour_us
    ]
    rows = await engine.rows(HOURS_NEEDED, {**parameters, "beyond": beyond})
    return [_run(row, is_torn=bool(row[-1])) for row in rows]


async def readings(engine: Engine, torn: Sequence[HourRun]) -> list[HourRun]:
    """What the readings of torn hours say: one run from break to break."""
    return [run for part in _parts(torn) for run in await _readings(engine, part)]


async def _readings(engine: Engine, torn: Sequence[HourRun]) -> list[HourRun]:
    places = [(each.instance_id, each.hour_us) for each in torn]
    parameters = {
        "torn": places,
        "instances": sorted({instance_id for instance_id, _ in places}),
        "windows": sorted(
            {hour_us // WINDOW_US + step for _, hour_us in places for step in range(HOUR_US // WINDOW_US)}
        ),
    }
    return [_run(row, is_torn=False) for row in await engine.rows(READINGS, parameters)]


async def known(engine: Engine, instances: Sequence[str]) -> list[Gap]:
    """The gaps of these instances that are recorded and open."""
    rows = await engine.rows(KNOWN, {"instances": list(instances)})
    return [Gap(row[0], row[1], row[2], Owner(*row[3:6]), row[6]) for row in rows]


async def write(engine: Engine, gaps: Iterable[Gap], revision: int) -> None:
    """Record gaps, each in place of the one of its owner that began at the same instant."""
    rows = [
        (each.instance_id, each.start_us, each.end_us, *astuple(each.owner), each.readings_missing) for each in gaps
    ]
    for part in _parts(rows):
        await engine.command(WRITE, {"gaps": part, "revision": revision})


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items, few enough at a time for the parameters of one request to a server: those are in its URL."""
    return (items[first : first + PARAMETERS_MAX] for first in range(0, len(items), PARAMETERS_MAX))


def _span(span: Span) -> dict[str, int]:
    return {"start_us": span.start_us, "end_us": span.end_us}


def _run(row: Row, *, is_torn: bool) -> HourRun:
    instance_id, hour_us, start_us, end_us, first, last, *owner = row
    return HourRun(instance_id, hour_us, start_us, end_us, first, last, Owner(*owner[:3]), is_torn)
