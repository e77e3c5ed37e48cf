# ruff: noqa: S608 - what goes into the SQL is our own words; values are bound by the engine
"""Resource tiers of instances, as accounts say: which tier an instance is in since when. A copy, for grouping."""

from collections.abc import Sequence

from fogbank.usage.store.engine import Engine

STANDARD = "standard"
"""The tier of an instance of which accounts say nothing else."""


def with_tiers(hours: str) -> str:
    """The rows of `hours`, which have `instance_id` and `hour_us`, each with the `tier` that held at that instant."""
    return f"""
        SELECT used.*, if(known.tier = '', '{STANDARD}', known.tier) AS tier
        FROM ({hours}) AS used
        ASOF LEFT JOIN (SELECT instance_id, since_us, tier FROM instance_tiers FINAL) AS known
        ON used.instance_id = known.instance_id AND used.hour_us >= known.since_us
    """


async def last_change(engine: Engine) -> int:
    """The number of the newest change that is known; 0 before the first."""
    return int((await engine.rows("SELECT max(change) FROM instance_tiers"))[0][0])


async def write(engine: Engine, changes: Sequence[tuple[str, int, str, int]]) -> None:
    """Keep changes: instance, since when, tier, and the change's number. Writing one again changes nothing."""
    if changes:
        await engine.command(
            """
            INSERT INTO instance_tiers (instance_id, since_us, tier, change)
            SELECT each.1, each.2, each.3, each.4
            FROM (SELECT arrayJoin({changes:Array(Tuple(String, Int64, String, UInt64))}) AS each)
            """,
            {"changes": list(changes)},
        )
