# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""Conflicts: readings that lost to an earlier one of the same identity and said something else."""

from collections.abc import Collection, Sequence

from fogbank.usage.mending.model import ConflictsAsked
from fogbank.usage.model import WINDOW_US
from fogbank.usage.store.corrections import METRICS_ARRAY
from fogbank.usage.store.engine import Engine, Row

SCRATCH = "examined_again"
MAKE_SCRATCH = (
    f"CREATE TABLE {SCRATCH} AS usage_events ENGINE = MergeTree ORDER BY (instance_id, period_start_us, version)"
)
DROP_SCRATCH = f"DROP TABLE IF EXISTS {SCRATCH} SYNC"

_SAID = ("length_us", "org_id", "user_id", "metrics")
_CAME = ("stream_sequence", "ordinal", "node_id")
_READING = f"""
    instance_id, period_start_us, length_us, toString(org_id) AS org_id, toString(user_id) AS user_id,
    {METRICS_ARRAY} AS metrics, toString(node_id) AS node_id, stream_sequence, ordinal
"""
_EXAMINED = f"""
    intDiv(period_start_us, {WINDOW_US}) IN {{windows:Array(Int64)}}
    AND (instance_id, period_start_us) IN (SELECT instance_id, period_start_us FROM {SCRATCH})
"""


def _of(side: str, names: Sequence[str]) -> str:
    return ", ".join(f"{side}.{name}" for name in names)


# A corrected reading is compared by what it said when it was accepted.
FIND = f"""
    INSERT INTO usage_conflicts (
        instance_id, period_start_us, {", ".join((*_CAME, *_SAID))},
        {", ".join(f"won_{name}" for name in (*_CAME, *_SAID))}, found_at_us
    )
    SELECT lost.instance_id, lost.period_start_us, {_of("lost", (*_CAME, *_SAID))}, {_of("won", (*_CAME, *_SAID))},
        {{found_at_us:Int64}}
    FROM (
        SELECT {_READING} FROM {SCRATCH} WHERE intDiv(period_start_us, {WINDOW_US}) IN {{windows:Array(Int64)}}
    ) AS lost
    INNER JOIN (
        SELECT {_READING} FROM (SELECT *, revision, stream_sequence, ordinal FROM usage_events FINAL WHERE {_EXAMINED})
        WHERE revision = 0
        UNION ALL
        SELECT instance_id, period_start_us, length_us, org_id, user_id, metrics, node_id, stream_sequence, ordinal
        FROM usage_originals FINAL WHERE {_EXAMINED}
    ) AS won
    ON lost.instance_id = won.instance_id AND lost.period_start_us = won.period_start_us
    WHERE (lost.stream_sequence, lost.ordinal) != (won.stream_sequence, won.ordinal)
      AND ({" OR ".join(f"lost.{name} != won.{name}" for name in _SAID)})
      AND (lost.period_start_us, lost.instance_id, lost.stream_sequence, lost.ordinal) NOT IN (
          SELECT period_start_us, instance_id, stream_sequence, ordinal FROM usage_conflicts
          WHERE intDiv(period_start_us, {WINDOW_US}) IN {{windows:Array(Int64)}}
      )
"""

FOUND = "SELECT count() FROM usage_conflicts FINAL WHERE found_at_us = {found_at_us:Int64}"

CONFLICTS = f"""
    SELECT period_start_us, instance_id, stream_sequence, ordinal, node_id, {", ".join(_SAID)},
        {", ".join(f"won_{name}" for name in (*_CAME, *_SAID))}, found_at_us
    FROM usage_conflicts FINAL
    WHERE (period_start_us, instance_id, stream_sequence, ordinal)
        > ({{after_us:Int64}}, {{after_instance:String}}, {{after_sequence:UInt64}}, {{after_ordinal:UInt16}})
      AND period_start_us >= {{from_us:Int64}} AND period_start_us < {{to_us:Int64}}
      AND ({{instance_id:String}} = '' OR instance_id = {{instance_id:String}})
    ORDER BY period_start_us, instance_id, stream_sequence, ordinal
    LIMIT {{limit:UInt32}}
"""


async def find(engine: Engine, windows_us: Collection[int], found_at_us: int) -> int:
    """Write down the readings in the scratch table that lost and say something else; how many were not known before."""
    windows = [start_us // WINDOW_US for start_us in windows_us]
    await engine.command(FIND, {"windows": windows, "found_at_us": found_at_us})
    return int((await engine.rows(FOUND, {"found_at_us": found_at_us}))[0][0])


async def page(engine: Engine, asked: ConflictsAsked) -> Sequence[Row]:
    """Conflicts in order of time: the start, the instance, how the loser came and what it says, the winner, found at.

    One row more than asked for says that there are more.
    """
    after_us, after_instance, after_sequence, after_ordinal = asked.after
    parameters = {
        "instance_id": asked.instance_id,
        "from_us": asked.from_us,
        "to_us": asked.to_us,
        "after_us": after_us,
        "after_instance": after_instance,
        "after_sequence": after_sequence,
        "after_ordinal": after_ordinal,
        "limit": asked.limit + 1,
    }
    return await engine.rows(CONFLICTS, parameters)
