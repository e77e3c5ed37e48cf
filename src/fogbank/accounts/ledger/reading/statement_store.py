"""The ledger's SQL for statements: what changed a payer between two positions, oldest first, and added up by kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row

from fogbank.accounts.ledger.reading.positions import LAST_NUMBER, Position
from fogbank.runtime.database import Connection

OWN = """
    own AS (
        SELECT number, kind, name, expires_at FROM ledger.accounts
        WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
    )
"""

EXPIRIES = """
    expiries AS (
        SELECT last.sequence, own.expires_at AS at, own.number, substr(own.name, 7) AS id, 'expiry' AS kind,
            -entry.balance_micros AS change_micros, '' AS memo
        FROM own, LATERAL (
            SELECT last_sequence AS sequence FROM ledger.batches
            WHERE posted_at < own.expires_at AND last_sequence <= %(last)s
            ORDER BY posted_at DESC, number DESC LIMIT 1
        ) AS last, LATERAL (
            SELECT balance_micros FROM ledger.entries
            WHERE account = own.number AND sequence <= last.sequence ORDER BY sequence DESC LIMIT 1
        ) AS entry
        WHERE own.kind = 'grant' AND own.expires_at >= %(start)s AND own.expires_at < %(end)s
            AND entry.balance_micros > 0
    )
"""

POSTED_AT = """
    LATERAL (
        SELECT posted_at AS at FROM ledger.batches
        WHERE first_sequence <= moved.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS batch
"""

LINES = f"""
    WITH {OWN}, {EXPIRIES}, moved AS (
        SELECT DISTINCT entry.sequence FROM own, LATERAL (
            SELECT sequence FROM ledger.entries
            WHERE account = own.number AND sequence > %(sequence)s AND sequence <= %(last)s
            ORDER BY sequence LIMIT %(limit)s
        ) AS entry
        ORDER BY sequence LIMIT %(limit)s
    ), posted AS (
        SELECT moved.sequence, batch.at, {LAST_NUMBER} AS number, transfer.id, transfer.kind, (
            SELECT coalesce(sum(amount_micros), 0)::bigint FROM ledger.entries AS entry JOIN own ON number = account
            WHERE entry.sequence = moved.sequence AND coalesce(own.expires_at > batch.at, true)
        ) AS change_micros, transfer.memo
        FROM moved JOIN ledger.transfers AS transfer USING (sequence), {POSTED_AT}
    )
    SELECT * FROM posted
    UNION ALL
    SELECT * FROM expiries WHERE (sequence, at, number) > (%(sequence)s, %(at)s, %(number)s)
    ORDER BY sequence, at, number LIMIT %(limit)s
"""  # noqa: S608 (of constants)
"""A grant leaves the balance when it expires; that what is left of it is put away later changes nothing any more."""

SUMS = f"""
    WITH {OWN}, {EXPIRIES}, moved AS (
        SELECT entry.sequence, entry.amount_micros, own.expires_at FROM own, LATERAL (
            SELECT sequence, amount_micros FROM ledger.entries
            WHERE account = own.number AND sequence > %(sequence)s AND sequence <= %(last)s
        ) AS entry
    ), changes AS (
        SELECT moved.sequence, sum(amount_micros) FILTER (WHERE coalesce(expires_at > batch.at, true)) AS change_micros
        FROM moved, {POSTED_AT} GROUP BY moved.sequence
    )
    SELECT kind, count(*), coalesce(sum(change_micros), 0)::bigint FROM (
        SELECT transfer.kind, change_micros FROM changes JOIN ledger.transfers AS transfer USING (sequence)
        WHERE transfer.kind <> 'expire_grant'
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
