"""SQL of instances' tiers: the one that holds, and every change."""

from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.model import TierChange
from fogbank.runtime.database import Connection

# Changes are numbered in the order in which they are committed, so that who follows them misses none.
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtextextended('accounts.instance_tiers', 0))"

# An instance's changes follow each other in time too, whatever the clock does.
INSERT_CHANGE = """
    INSERT INTO accounts.instance_tiers (change, instance_id, tier, since)
    SELECT (SELECT coalesce(max(change), 0) + 1 FROM accounts.instance_tiers), %(instance_id)s, %(tier)s,
           greatest(%(now)s, max(since) + interval '1 microsecond')
    FROM accounts.instance_tiers
    WHERE instance_id = %(instance_id)s
    RETURNING change, instance_id, tier, since
"""
UPDATE_TIER = "UPDATE accounts.instances SET tier = %(tier)s WHERE id = %(instance_id)s"
CHANGES_AFTER = """
    SELECT change, instance_id, tier, since FROM accounts.instance_tiers
    WHERE change > %(after)s
    ORDER BY change
    LIMIT %(limit)s
"""


async def one_writer(tx: Connection) -> None:
    """Wait for whoever changes tiers, and make others wait until the transaction ends."""
    await tx.execute(ONE_WRITER)


async def change_tier(tx: Connection, instance_id: str, tier: str, now: datetime) -> TierChange:
    """Put an instance into a tier; after `one_writer`."""
    facts = {"instance_id": instance_id, "tier": tier, "now": now}
    await tx.execute(UPDATE_TIER, facts)
    cursor = tx.cursor(row_factory=class_row(TierChange))
    change = await (await cursor.execute(INSERT_CHANGE, facts)).fetchone()
    assert change is not None, "an aggregate without groups has one row"
    return change


async def changes_after(tx: Connection, after: int, limit: int) -> list[TierChange]:
    """The changes after that number, in order."""
    cursor = tx.cursor(row_factory=class_row(TierChange))
    return await (await cursor.execute(CHANGES_AFTER, {"after": after, "limit": limit})).fetchall()
