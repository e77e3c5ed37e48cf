"""The ledger's SQL for statements: what changed a payer between two positions, oldest first, and added up by kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row

from fogbank.accounts.ledger.reading.positions import LAST_NUMBER, Position
from fogbank.runtime.database import Connection

OWN = """
    own AS (
        SELECT number, kind, name, expires_at, CASE WHEN expires_at IS NOT NULL THEN least(%(last)s, (
            SELECT last_sequence FROM ledger.batches
            WHERE posted_at < expires_at ORDER BY posted_at DESC, number DESC LIMIT 1
        )) END AS until
        FROM ledger.accounts
        WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
    )
"""
"""A grant leaves the balance when it expires, after `until`; that what is left is put away later changes nothing."""

EXPIRIES = """
    expiries AS (
        SELECT own.until AS sequence, own.expires_at AS at, own.number, substr(own.name, 7) AS id, 'expiry' AS kind,
            -entry.balance_micros AS change_micros, '' AS memo
        FROM own, LATERAL (
            SELECT balance_micros FROM ledger.entries
            WHERE account = own.number AND sequence <= own.until ORDER BY sequence DESC LIMIT 1
        ) AS entry
        WHERE own.kind = 'grant' AND own.expires_at >= %(start)s AND own.expires_at < %(end)s
            AND entry.balance_micros > 0
    )
"""

# Of each ledger account as many as are asked for, so whatever changes in the first lines is all there.
LINES = f"""
    WITH {OWN}, {EXPIRIES}, moved AS (
        SELECT entry.sequence, sum(entry.amount_micros)::bigint AS change_micros FROM own, LATERAL (
            SELECT sequence, amount_micros FROM ledger.entries
            WHERE account = own.number AND sequence > %(sequence)s AND sequence <= %(last)s
                AND coalesce(sequence <= own.until, true)
            ORDER BY sequence LIMIT %(limit)s
        ) AS entry
        GROUP BY entry.sequence ORDER BY entry.sequence LIMIT %(limit)s
    )
    SELECT moved.sequence, batch.at, {LAST_NUMBER} AS number, transfer.id, transfer.kind, moved.change_micros,
        transfer.memo
    FROM moved JOIN ledger.transfers AS transfer USING (sequence), LATERAL (
        SELECT posted_at AS at FROM ledger.batches
        WHERE first_sequence <= moved.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS batch
    UNION ALL
    SELECT * FROM expiries WHERE (sequence, at, number) > (%(sequence)s, %(at)s, %(number)s)
    ORDER BY sequence, at, number LIMIT %(limit)s
"""  # noqa: S608 (of constants)

# OFFSET 0: one look-up a line, whatever share of the ledger is this payer's. Else all of it may be read.
SUMS = f"""
    WITH {OWN}, {EXPIRIES}, moved AS (
        SELECT entry.sequence, sum(entry.amount_micros)::bigint AS change_micros FROM own, LATERAL (
            SELECT sequence, amount_micros FROM ledger.entries
            WHERE account = own.number AND sequence > %(sequence)s AND sequence <= %(last)s
                AND coalesce(sequence <= own.until, true) OFFSET 0
        ) AS entry
        GROUP BY entry.sequence
    )
    SELECT kind, count(*), sum(change_micros)::bigint FROM (
        SELECT transfer.kind, moved.change_micros FROM moved, LATERAL (
            SELECT kind FROM ledger.transfers WHERE sequence = moved.sequence OFFSET 0
        ) AS transfer
        UNION ALL
        SELECT kind, change_micros FROM expiries
    ) AS line
    GROUP BY kind ORDER BY kind
"""  # noqa: S608 (of constants)


class Bounds(NamedTuple):
    """A statement's period, as positions."""

    opening: Position
    closing: Position


@dataclass(frozen=True, slots=True)
class LineRow:
    """A transfer or the expiry of a grant, where it stands, and by how much it changed what the payer has."""

    sequence: int
    at: datetime
    number: int
    id: str
    kind: str
    change_micros: int
    memo: str

    @property
    def position(self) -> Position:
        return Position(self.sequence, self.at, self.number)


async def lines(connection: Connection, account_id: str, bounds: Bounds, after: Position, limit: int) -> list[LineRow]:
    """The first lines after `after`, no more than `limit`."""
    async with connection.cursor(row_factory=class_row(LineRow)) as cursor:
        await cursor.execute(LINES, {**_parameters(account_id, bounds, after), "limit": limit})
        return await cursor.fetchall()


async def sums(connection: Connection, account_id: str, bounds: Bounds) -> list[tuple[str, int, int]]:
    """Of all lines, by kind: the kind, how many, and by how much they changed what the payer has."""
    cursor = await connection.execute(SUMS, _parameters(account_id, bounds, bounds.opening))
    return [(kind, count, change_micros) for kind, count, change_micros in await cursor.fetchall()]


def _parameters(account_id: str, bounds: Bounds, after: Position) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "start": bounds.opening.at,
        "end": bounds.closing.at,
        "last": bounds.closing.sequence,
        "sequence": after.sequence,
        "at": after.at,
        "number": after.number,
    }
