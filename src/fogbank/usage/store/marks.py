# ruff: noqa: S608 - what goes into the SQL is our own words and integers
"""Marks: which spans readings came into since they were rolled up. Durable before the readings are acknowledged."""

from collections.abc import Iterable

from fogbank.usage.model import Grain, Mark
from fogbank.usage.store.engine import Engine

DIRTY_MARKS = """
    SELECT start_us, max(marked) AS last_marked, max(rolled) AS last_rolled
    FROM rollup_marks
    WHERE grain = {grain:String}
    GROUP BY start_us
    HAVING last_marked > last_rolled
    ORDER BY start_us
"""

LAST_MARK = "SELECT max(marked) FROM rollup_marks"


async def dirty(engine: Engine, grain: Grain) -> list[Mark]:
    """The spans to roll up, oldest first."""
    return [Mark(*row) for row in await engine.rows(DIRTY_MARKS, {"grain": str(grain)})]


async def last_mark(engine: Engine) -> int:
    """The highest stamp of any mark; 0 before the first."""
    return int((await engine.rows(LAST_MARK))[0][0])


async def mark(engine: Engine, starts: Iterable[tuple[Grain, int]], stamp: int) -> None:
    """Say that readings came into these spans. After the readings are stored, before they are acknowledged."""
    await _write(engine, [(grain, start_us, stamp, 0) for grain, start_us in starts])


async def rolled(engine: Engine, grain: Grain, marks: Iterable[Mark]) -> None:
    """Say that these marks are rolled up. A reading that came meanwhile has a higher stamp and stays dirty."""
    await _write(engine, [(grain, each.start_us, 0, each.marked) for each in marks])


async def _write(engine: Engine, rows: Iterable[tuple[Grain, int, int, int]]) -> None:
    values = ", ".join(f"('{grain}', {start_us:d}, {marked:d}, {done:d})" for grain, start_us, marked, done in rows)
    if values:
        await engine.command(f"INSERT INTO rollup_marks (grain, start_us, marked, rolled) VALUES {values}")
