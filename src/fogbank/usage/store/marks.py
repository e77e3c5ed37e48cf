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

# Above every mark there is, whoever wrote it and by whatever clock. So a mark that covers this one was written after
# it was read here what there is, and what was rolled up under it has the readings that were stored before.
MARK = f"""
    INSERT INTO rollup_marks (grain, start_us, marked, rolled)
    SELECT grain, start_us, greatest({{stamp:UInt64}}, ({LAST_MARK}) + 1), 0
    FROM (
        SELECT arrayJoin(arrayZip({{grains:Array(String)}}, {{starts:Array(Int64)}})) AS span,
               span.1 AS grain, span.2 AS start_us
    )
"""


async def dirty(engine: Engine, grain: Grain) -> list[Mark]:
    """The spans to roll up, oldest first."""
    return [Mark(*row) for row in await engine.rows(DIRTY_MARKS, {"grain": str(grain)})]


async def last_mark(engine: Engine) -> int:
    """The highest stamp of any mark; 0 before the first."""
    return int((await engine.rows(LAST_MARK))[0][0])


async def mark(engine: Engine, starts: Iterable[tuple[Grain, int]], stamp: int) -> None:
    """Say that readings came into these spans. After the readings are stored, before they are acknowledged.

    The mark is `stamp`, or more where another process that writes into the store was ahead of it.
    """
    spans = list(starts)
    if spans:
        grains = [str(grain) for grain, _ in spans]
        await engine.command(MARK, {"stamp": stamp, "grains": grains, "starts": [start_us for _, start_us in spans]})


async def rolled(engine: Engine, grain: Grain, marks: Iterable[Mark]) -> None:
    """Say that these marks are rolled up. A reading that came meanwhile has a higher stamp and stays dirty."""
    values = ", ".join(f"('{grain}', {each.start_us:d}, 0, {each.marked:d})" for each in marks)
    if values:
        await engine.command(f"INSERT INTO rollup_marks (grain, start_us, marked, rolled) VALUES {values}")
