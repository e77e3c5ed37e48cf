# ruff: noqa: S608 - the SQL is put together from this room's own constants; values are bound by the engine
"""Replays and how far they are."""

from dataclasses import asdict, fields

from fogbank.usage.mending.model import Replay, ReplayState
from fogbank.usage.store.engine import Engine

_NAMES = [field.name for field in fields(Replay)]
_TEXTS = {"id", "asked", "state", "actor_id", "reason"}
_TIMES = {"began_at_us", "changed_at_us"}

ALL = f"SELECT {', '.join(_NAMES)} FROM usage_replays FINAL ORDER BY began_at_us, id"

WRITE = f"""
    INSERT INTO usage_replays ({", ".join(_NAMES)}, revision)
    SELECT {
    ", ".join(
        f"{{{name}:{'String' if name in _TEXTS else 'Int64' if name in _TIMES else 'UInt64'}}}" for name in _NAMES
    )
}, {{revision:UInt64}}
"""


async def every(engine: Engine) -> list[Replay]:
    """Every replay that there ever was, oldest first."""
    rows = [dict(zip(_NAMES, row, strict=True)) for row in await engine.rows(ALL)]
    return [Replay(**{**row, "state": ReplayState(row["state"])}) for row in rows]


async def write(engine: Engine, replay: Replay, revision: int) -> None:
    """Write how far a replay is, on disk when this returns; the highest revision counts."""
    await engine.command(WRITE, {**asdict(replay), "state": str(replay.state), "revision": revision})
