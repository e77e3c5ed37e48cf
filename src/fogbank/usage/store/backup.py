"""Freezing the tables: hard links to their parts under `shadow/`, so that what is saved stands still.

The order matters, while no pass rolls up. Readings come first: what is written down about one before it is written,
such as a correction, is then among what is frozen. Marks come last: they name every span of the frozen readings that
is not rolled up, and perhaps some that are.
"""

from fogbank.usage.store.engine import Engine
from fogbank.usage.store.figures import SCRATCH

FROZEN = "backup"
"""The name below `shadow/`. There is one at most: freezing lets go of what an earlier backup left."""
FIRST, LAST = "usage_events", "rollup_marks"

TABLES = """
    SELECT name, data_paths[1]
    FROM system.tables
    WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != {scratch:String}
    ORDER BY name = {first:String} DESC, name = {last:String}, name
"""


async def tables(engine: Engine) -> list[tuple[str, str]]:
    """Every table and the directory of its parts, in the order in which they are to be frozen."""
    parameters = {"scratch": SCRATCH, "first": FIRST, "last": LAST}
    return [(name, path) for name, path in await engine.rows(TABLES, parameters)]


async def freeze(engine: Engine, table: str) -> None:
    """Link the table's parts as they are at this moment."""
    await engine.command(f"ALTER TABLE {table} FREEZE WITH NAME '{FROZEN}'")


async def unfreeze(engine: Engine, table: str) -> None:
    """Remove those links; nothing happens where there are none."""
    await engine.command(f"ALTER TABLE {table} UNFREEZE WITH NAME '{FROZEN}'")
