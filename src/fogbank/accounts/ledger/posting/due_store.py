"""The ledger's SQL for what is due: holds and grants whose time is up and that are not settled yet."""

from datetime import datetime
from typing import NamedTuple

from fogbank.runtime.database import Connection

DUE_HOLDS = """
    SELECT expires_at, id FROM ledger.holds
    WHERE state = 'open' AND expires_at <= %(now)s AND (expires_at, id) > (%(after_at)s, %(after_id)s)
    ORDER BY expires_at, id LIMIT %(limit)s
"""
DUE_GRANTS = """
    SELECT expires_at, name FROM ledger.accounts
    WHERE kind = 'grant' AND expires_at <= %(now)s AND NOT is_settled AND balance_micros > 0
        AND (expires_at, name) > (%(after_at)s, %(after_id)s)
    ORDER BY expires_at, name LIMIT %(limit)s
"""

MARK_SETTLED = """
    UPDATE ledger.accounts AS settled SET is_settled = true FROM (
        SELECT number FROM ledger.accounts
        WHERE kind = 'grant' AND expires_at <= %(until)s AND NOT is_settled AND balance_micros = 0
        ORDER BY expires_at, name LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) AS empty
    WHERE settled.number = empty.number
"""


class Due(NamedTuple):
    """What is due, and since when. A grant's `id` is its ledger account's name."""

    expired_at: datetime
    id: str


async def read_due(connection: Connection, query: str, now: datetime, after: Due, limit: int) -> list[Due]:
    """Up to `limit` of what is due at `now`, the longest first, those after `after`."""
    parameters = {"now": now, "after_at": after.expired_at, "after_id": after.id, "limit": limit}
    cursor = await connection.execute(query, parameters)
    return [Due(*row) for row in await cursor.fetchall()]


async def mark_settled(connection: Connection, until: datetime, limit: int) -> int:
    """Mark up to `limit` grants that expired by `until` and hold nothing, so that nobody looks for them again."""
    cursor = await connection.execute(MARK_SETTLED, {"until": until, "limit": limit})
    return cursor.rowcount
