"""The ledger's SQL for holds: those of a payer, when they were placed, and what ended them."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

HOLDS = """
    SELECT placed.sequence, placed.id, placed.amount_micros, placed.memo, begun.posted_at AS placed_at,
        hold.expires_at, ended.kind AS ended_by, ended.captured_micros,
        coalesce(ended.posted_at, CASE WHEN hold.expires_at <= %(now)s THEN hold.expires_at END) AS ended_at
    FROM ledger.transfers AS placed JOIN ledger.holds AS hold USING (id), LATERAL (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= placed.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS begun LEFT JOIN LATERAL (
        SELECT kind, CASE WHEN kind = 'capture' THEN amount_micros ELSE 0 END AS captured_micros, posted_at
        FROM ledger.transfers AS transfer, LATERAL (
            SELECT posted_at FROM ledger.batches
            WHERE first_sequence <= transfer.sequence ORDER BY first_sequence DESC LIMIT 1
        ) AS batch
        WHERE kind IN ('capture', 'release', 'expire_hold') AND details::jsonb ->> 0 = placed.id
        ORDER BY sequence LIMIT 1
    ) AS ended ON true
    WHERE placed.account_id = %(account_id)s AND placed.kind = 'hold' AND placed.kind NOT IN ('charge', 'deduct')
        AND (%(before)s::bigint IS NULL OR placed.sequence < %(before)s)
        AND (%(is_open)s::boolean IS NULL
            OR %(is_open)s = (hold.state = 'open' AND hold.expires_at > %(now)s))
    ORDER BY placed.sequence DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold; `ended_by` is the kind of transfer that ended it, if one did, and `ended_at` when it ended."""

    sequence: int
    id: str
    amount_micros: int
    memo: str
    placed_at: datetime
    expires_at: datetime
    ended_by: str | None
    captured_micros: int | None
    ended_at: datetime | None


async def holds(
    connection: Connection, account_id: str, now: datetime, *, before: int | None, is_open: bool | None, limit: int
) -> list[HoldRow]:
    """The payer's holds, the latest first: those that are open at `now`, those that are not, or all."""
    parameters = {"account_id": account_id, "now": now, "before": before, "is_open": is_open, "limit": limit}
    async with connection.cursor(row_factory=class_row(HoldRow)) as cursor:
        await cursor.execute(HOLDS, parameters)
        return await cursor.fetchall()
