"""SQL of the one order in which everything about nodes happens."""

from datetime import datetime

from fogbank.runtime.database import Connection

LOCK = 0x0F06_0DE5
"""Any number that nobody else takes a lock on."""

# The instant is read under the lock: what one writer records is later than what anybody was told before it.
AS_WRITER = f"SELECT pg_advisory_xact_lock({LOCK})"
AS_READER = f"SELECT pg_advisory_xact_lock_shared({LOCK})"
NOW = "SELECT clock_timestamp()"
NEXT_CHANGE = """
    UPDATE compute.nodes SET change = (SELECT max(change) + 1 FROM compute.nodes) WHERE id = %(node_id)s
"""


async def as_writer(tx: Connection) -> datetime:
    """Wait for whoever changes or reads nodes, and make others wait until the transaction ends; the instant of it."""
    await tx.execute(AS_WRITER)
    return await now(tx)


async def as_reader(tx: Connection) -> datetime:
    """Wait for writers under way; nothing that was recorded before the instant that this returns can be missing."""
    await tx.execute(AS_READER)
    return await now(tx)


async def touch(tx: Connection, node_id: str) -> None:
    """Number a change of what is known of that node; after `as_writer`."""
    await tx.execute(NEXT_CHANGE, {"node_id": node_id})


async def now(tx: Connection) -> datetime:
    """The instant, by the clock that everything about nodes is recorded by."""
    row = await (await tx.execute(NOW)).fetchone()
    assert row is not None, "a SELECT without FROM has one row"
    instant: datetime = row[0]
    return instant
