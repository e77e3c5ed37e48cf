"""Freezing the tables: hard links to their parts under `shadow/`, so that what is saved stands still.

The order matters. Marks come first: a mark that says "rolled up" is then older than the rollups it speaks of, so no
span behind its readings is called clean. Readings come second, before all that says something about them.
"""

from fogbank.usage.store.engine import Engine
from fogbank.usage.store.figures import SCRATCH

FROZEN = "backup"
"""The name below `shadow/`. There is one at most: freezing lets go of what an earlier backup left."""
FIRST = ("rollup_marks", "usage_events")

TABLES = """
    SELECT name, data_paths[1]
    FROM system.tables
    WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != {scratch:String}
    ORDER BY indexOf({last_to_first:Array(String)}, name) DESC, name
"""


async def tables(engine: Engine) -> list[tuple[str, str]]:
    """Every table and the directory of its parts, in the order in which they are to be frozen."""
    parameters = {"scratch": SCRATCH, "last_to_first": list(reversed(FIRST))}
    return [(name, path) for name, path in await engine.rows(TABLES, parameters)]


async def freeze(engine: Engine, table: str) -> None:
    """Link the table's parts as they are at this moment."""
    await engine.command(f"ALTER TABLE {table} FREEZE WITH NAME '{FROZEN}'")


async def unfreeze(engine: Engine, table: str) -> None:
    """Remove those links; nothing happens where there are none."""
    await engine.command(f"ALTER TABLE {table} UNFREEZE WITH NAME '{FROZEN}'")
