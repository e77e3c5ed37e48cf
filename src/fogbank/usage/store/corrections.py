# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""Corrections: the reading as it is, the acts that changed it, and what it said when it was accepted."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from fogbank.usage.mending.model import Content, Correction, StoredReading
from fogbank.usage.model import WINDOW_US
from fogbank.usage.rules import version_of
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import METRICS

METRICS_ARRAY = f"[{', '.join(METRICS)}]"

READING = f"""
    SELECT length_us, org_id, user_id, {METRICS_ARRAY}, sequence, node_id, revision, stream_sequence, ordinal
    FROM usage_events FINAL
    WHERE intDiv(period_start_us, {WINDOW_US}) = intDiv({{start_us:Int64}}, {WINDOW_US})
      AND instance_id = {{instance_id:String}} AND period_start_us = {{start_us:Int64}}
"""

WRITE_READING = f"""
    INSERT INTO usage_events
        (instance_id, period_start_us, length_us, org_id, user_id, {", ".join(METRICS)}, sequence, node_id, version)
    SELECT {{instance_id:String}}, {{start_us:Int64}}, {{length_us:UInt32}}, {{org_id:String}}, {{user_id:String}},
        {", ".join(f"{{metrics:Array(Int64)}}[{place}]" for place in range(1, len(METRICS) + 1))},
        {{sequence:Int64}}, {{node_id:String}}, {{version:UInt64}}
"""

WRITE_ORIGINAL = """
    INSERT INTO usage_originals
        (instance_id, period_start_us, length_us, org_id, user_id, metrics, node_id, stream_sequence, ordinal)
    SELECT {instance_id:String}, {start_us:Int64}, {length_us:UInt32}, {org_id:String}, {user_id:String},
        {metrics:Array(Int64)}, {node_id:String}, {stream_sequence:UInt64}, {ordinal:UInt16}
"""

WRITE_CORRECTION = """
    INSERT INTO usage_corrections
        (instance_id, period_start_us, revision, length_us, org_id, user_id, metrics, key, asked, actor_id, reason,
         at_us, applied)
    SELECT {instance_id:String}, {start_us:Int64}, {revision:UInt64}, {length_us:UInt32}, {org_id:String},
        {user_id:String}, {metrics:Array(Int64)}, {key:String}, {asked:String}, {actor_id:String}, {reason:String},
        {at_us:Int64}, {applied:UInt8}
"""

CORRECTIONS = """
    SELECT instance_id, period_start_us, revision, length_us, org_id, user_id, metrics, key, asked, actor_id, reason,
        at_us, applied
    FROM usage_corrections FINAL
"""
OF_READING = (
    CORRECTIONS
    + """
    WHERE instance_id = {instance_id:String} AND period_start_us = {start_us:Int64} ORDER BY revision
"""
)
UNAPPLIED = CORRECTIONS + " WHERE applied = 0 ORDER BY instance_id, period_start_us, revision"

_WINDOWS = f"intDiv(period_start_us, {WINDOW_US})"
BEHIND = f"""
    SELECT * FROM ({CORRECTIONS} ORDER BY revision DESC LIMIT 1 BY instance_id, period_start_us)
    WHERE (instance_id, period_start_us, revision) NOT IN (
        SELECT instance_id, period_start_us, revision FROM usage_events
        WHERE {_WINDOWS} IN (SELECT {_WINDOWS} FROM usage_corrections)
          AND (instance_id, period_start_us) IN (SELECT instance_id, period_start_us FROM usage_corrections)
    )
"""


async def reading(engine: Engine, instance_id: str, start_us: int) -> StoredReading | None:
    """The reading of that identity as it is now; None where there is none."""
    found = await engine.rows(READING, {"instance_id": instance_id, "start_us": start_us})
    if not found:
        return None
    [(length_us, org_id, user_id, metrics, sequence, node_id, revision, stream_sequence, ordinal)] = found
    content = Content(length_us, org_id, user_id, tuple(metrics))
    return StoredReading(instance_id, start_us, content, sequence, node_id, revision, stream_sequence, ordinal)


async def write_reading(engine: Engine, stored: StoredReading) -> None:
    """Write the reading under its revision, in its place in the queue; on disk when this returns."""
    version = version_of(stored.revision, stored.stream_sequence, stored.ordinal)
    await engine.command(WRITE_READING, {**_parameters(stored), "sequence": stored.sequence, "version": version})


async def write_original(engine: Engine, stored: StoredReading) -> None:
    """Keep what a reading said when it was accepted. Again is once."""
    place = {"stream_sequence": stored.stream_sequence, "ordinal": stored.ordinal}
    await engine.command(WRITE_ORIGINAL, {**_parameters(stored), **place})


async def of_reading(engine: Engine, instance_id: str, start_us: int) -> list[Correction]:
    """The corrections of a reading, oldest first."""
    found = await engine.rows(OF_READING, {"instance_id": instance_id, "start_us": start_us})
    return [_correction(row) for row in found]


async def unapplied(engine: Engine) -> list[Correction]:
    """The corrections that are written down and not, or not for sure, done: in the order of their revisions."""
    return [_correction(row) for row in await engine.rows(UNAPPLIED)]


async def behind(engine: Engine) -> list[Correction]:
    """The last correction of each reading that does not say so: the readings were restored from before it."""
    return [_correction(row) for row in await engine.rows(BEHIND)]


async def write(engine: Engine, correction: Correction) -> None:
    """Write a correction down, on disk when this returns. Again is once."""
    values = {**asdict(correction), **_content(correction.content), "applied": int(correction.is_applied)}
    del values["content"]
    await engine.command(WRITE_CORRECTION, values)


async def write_applied(engine: Engine, correction: Correction) -> None:
    """Say that a correction is done."""
    await write(engine, replace(correction, is_applied=True))


def _content(content: Content) -> Mapping[str, Any]:
    metrics = list(content.metrics_micros)
    return {
        "length_us": content.length_us,
        "org_id": content.org_id,
        "user_id": content.user_id,
        "metrics": metrics,
    }


def _parameters(stored: StoredReading) -> Mapping[str, Any]:
    identity = {"instance_id": stored.instance_id, "start_us": stored.start_us, "node_id": stored.node_id}
    return {**identity, **_content(stored.content)}


def _correction(row: Row) -> Correction:
    instance_id, start_us, revision, length_us, org_id, user_id, metrics, key, asked, actor_id, reason, at_us, done = (
        row
    )
    content = Content(length_us, org_id, user_id, tuple(metrics))
    return Correction(
        instance_id, start_us, revision, content, key, asked, actor_id, reason, at_us, is_applied=bool(done)
    )
