"""The ledger's SQL for holds: those of a payer, when they were placed, and what ended them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

HOLDS = """
    SELECT placed.sequence, placed.id, placed.amount_micros, placed.memo, begun.posted_at AS placed_at,
        hold.expires_at, hold.expires_at <= %(now)s AS is_over
    FROM ledger.transfers AS placed JOIN ledger.holds AS hold USING (id), LATERAL (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= placed.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS begun
    WHERE placed.account_id = %(account_id)s AND placed.kind = 'hold' AND placed.kind NOT IN ('charge', 'deduct')
        AND (%(before)s::bigint IS NULL OR placed.sequence < %(before)s)
        AND (%(is_open)s::boolean IS NULL
            OR %(is_open)s = (hold.state = 'open' AND hold.expires_at > %(now)s))
    ORDER BY placed.sequence DESC LIMIT %(limit)s
"""

ENDINGS = """
    SELECT details::jsonb ->> 0, kind, amount_micros, posted_at FROM ledger.transfers AS transfer, LATERAL (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= transfer.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS batch
    WHERE kind IN ('capture', 'release', 'expire_hold') AND details::jsonb ->> 0 = ANY(%s::text[])
"""


class Ending(NamedTuple):
    """The transfer that ended a hold: its kind, its amount, and when it was posted."""

    kind: str
    amount_micros: int
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold, until when it reserves, and whether that is over."""

    sequence: int
    id: str
    amount_micros: int
    memo: str
    placed_at: datetime
    expires_at: datetime
    is_over: bool


async def holds(
    connection: Connection, account_id: str, now: datetime, *, before: int | None, is_open: bool | None, limit: int
) -> list[HoldRow]:
    """The payer's holds, the latest first: those that are open at `now`, those that are not, or all."""
    parameters = {"account_id": account_id, "now": now, "before": before, "is_open": is_open, "limit": limit}
    async with connection.cursor(row_factory=class_row(HoldRow)) as cursor:
        await cursor.execute(HOLDS, parameters)
        return await cursor.fetchall()


async def endings_of(connection: Connection, hold_ids: Sequence[str]) -> dict[str, Ending]:
    """What ended each of these holds, if something did. Ask it as `transfer_store.reversals_of`, and for its reason."""
    cursor = await connection.execute(ENDINGS, [list(hold_ids)])
    return {hold_id: Ending(*ending) for hold_id, *ending in await cursor.fetchall()}
