"""Upgrades: a store that an earlier Fogbank made, brought to today's tables before anything else touches it.

Readings are kept as they are. A rollup of another shape is computed anew: first all its spans are marked dirty, then it
is dropped; a kill in between repeats both. Until they are rolled up again, its hours are answered from readings.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fogbank.usage.model import HOUR_US, WINDOW_US, Grain
from fogbank.usage.store.schema import EVENT_ALIASES

COLUMNS = "SELECT table, name FROM system.columns WHERE database = currentDatabase()"

REMADE = (
    ("instance_hours", "node_id", Grain.HOUR, HOUR_US),
    ("account_windows", "user_id", Grain.WINDOW, WINDOW_US),
)
"""Rollups that are made anew: the table, a column that the old one lacks, and the spans that it is made of."""

MARK_EVERY_SPAN = """
    INSERT INTO rollup_marks (grain, start_us, marked, rolled)
    SELECT DISTINCT {grain:String}, intDiv(period_start_us, {length_us:Int64}) * {length_us:Int64},
           (SELECT max(greatest(marked, rolled)) + 1 FROM rollup_marks), 0
    FROM usage_events
"""


class Asked(Protocol):
    """What an upgrade needs of the engine."""

    async def rows(self, sql: str) -> Sequence[Sequence[Any]]: ...

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None: ...


async def upgrade(engine: Asked) -> None:
    """Bring the tables that are there to today's shape; those that are not are made afterwards."""
    columns: dict[str, set[str]] = {}
    for table, name in await engine.rows(COLUMNS):
        columns.setdefault(table, set()).add(name)
    if not columns.get("usage_events", EVENT_ALIASES.keys()) >= EVENT_ALIASES.keys():
        for name, alias in EVENT_ALIASES.items():
            change = "MODIFY COLUMN" if name in columns["usage_events"] else "ADD COLUMN"
            await engine.command(f"ALTER TABLE usage_events {change} {name} {alias}")
    for table, column, grain, length_us in REMADE:
        if column not in columns.get(table, {column}):
            await engine.command(MARK_EVERY_SPAN, {"grain": str(grain), "length_us": length_us})
            await engine.command(f"DROP TABLE {table} SYNC")
