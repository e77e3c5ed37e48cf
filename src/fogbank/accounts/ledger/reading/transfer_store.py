"""The ledger's SQL for transfers: those that touched a payer, found by what is asked for, and their legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

FOUND = """
    WITH own AS (
        SELECT number FROM ledger.accounts WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
    ), found AS (
        SELECT DISTINCT entry.sequence FROM own, LATERAL (
            SELECT entry.sequence FROM ledger.entries AS entry JOIN ledger.transfers AS transfer USING (sequence)
            WHERE entry.account = own.number
                AND (%(before)s::bigint IS NULL OR entry.sequence < %(before)s)
                AND (%(after)s::bigint IS NULL OR entry.sequence > %(after)s)
                AND (%(kinds)s::text[] IS NULL OR transfer.kind = ANY(%(kinds)s))
                AND (%(id)s::text IS NULL OR transfer.id = %(id)s)
                AND (%(min_micros)s::bigint IS NULL OR abs(transfer.amount_micros) >= %(min_micros)s)
                AND (%(max_micros)s::bigint IS NULL OR abs(transfer.amount_micros) <= %(max_micros)s)
            ORDER BY entry.sequence {order} LIMIT %(limit)s
        ) AS entry
        ORDER BY sequence {order} LIMIT %(limit)s
    )
    SELECT sequence, transfer.id, transfer.kind, posted_at, transfer.amount_micros, transfer.memo, (
        SELECT sum(amount_micros)::bigint FROM ledger.entries
        WHERE account IN (SELECT number FROM own) AND sequence = transfer.sequence
    ) AS change_micros,
    CASE WHEN transfer.kind = 'reverse' THEN transfer.details::jsonb ->> 0 END AS reverses
    FROM found JOIN ledger.transfers AS transfer USING (sequence), LATERAL (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= transfer.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS batch
    ORDER BY sequence DESC
"""
REVERSALS = """
    SELECT details::jsonb ->> 0, id FROM ledger.transfers
    WHERE kind = 'reverse' AND details::jsonb ->> 0 = ANY(%s::text[])
"""
NEWEST, OLDEST = FOUND.format(order="DESC"), FOUND.format(order="ASC")

USUAL_LEGS = """
    SELECT sequence, name, amount_micros, entry.balance_micros
    FROM ledger.accounts AS account, unnest(%(sequences)s::bigint[]) AS wanted
    JOIN LATERAL (
        SELECT sequence, amount_micros, balance_micros FROM ledger.entries
        WHERE account = account.number AND sequence = wanted
    ) AS entry ON true
    WHERE account.kind = 'system' AND %(with_system)s OR owner_id = %(account_id)s
    ORDER BY sequence, name
"""
ALL_LEGS = """
    SELECT sequence, name, amount_micros, entry.balance_micros
    FROM ledger.entries AS entry JOIN ledger.accounts AS account ON number = account
    WHERE sequence = ANY(%s::bigint[]) ORDER BY sequence, name
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which transfers of an account: of these kinds, with this id, of such an amount.

    `before` and `after` are sequences, both excluded. The latest of them, or the oldest where `is_oldest`.
    """

    before: int | None = None
    after: int | None = None
    kinds: Sequence[str] | None = None
    id: str | None = None
    min_micros: int | None = None
    max_micros: int | None = None
    is_oldest: bool = False
    limit: int = 100


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer that touched a payer, by how much the payer's accounts changed, and what it reverses."""

    sequence: int
    id: str
    kind: str
    posted_at: datetime
    amount_micros: int
    memo: str
    change_micros: int
    reverses: str | None


class LegRow(NamedTuple):
    """One entry, by the name of its ledger account."""

    sequence: int
    name: str
    amount_micros: int
    balance_micros: int


async def transfers(connection: Connection, account_id: str, wanted: Wanted) -> list[TransferRow]:
    """Those wanted that touched the payer, the latest first."""
    query = OLDEST if wanted.is_oldest else NEWEST
    parameters = {
        "account_id": account_id,
        "before": wanted.before,
        "after": wanted.after,
        "kinds": None if wanted.kinds is None else list(wanted.kinds),
        "id": wanted.id,
        "min_micros": wanted.min_micros,
        "max_micros": wanted.max_micros,
        "limit": wanted.limit,
    }
    async with connection.cursor(row_factory=class_row(TransferRow)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


async def reversals_of(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """By which transfer each of these was reversed, if it was.

    Ask it as one who sees every tenant: for a tenant, PostgreSQL would look through all reversals that there are,
    because it uses no index over what an expression makes of a row before it knows that the row may be seen.
    """
    cursor = await connection.execute(REVERSALS, [list(ids)])
    return dict(await cursor.fetchall())


async def own_legs(
    connection: Connection, account_id: str, sequences: Sequence[int], *, with_system: bool
) -> list[LegRow]:
    """The legs on the payer's own ledger accounts, and on the system's where asked; each is found by its key."""
    parameters = {"account_id": account_id, "sequences": list(sequences), "with_system": with_system}
    cursor = await connection.execute(USUAL_LEGS, parameters)
    return [LegRow(*row) for row in await cursor.fetchall()]


async def all_legs(connection: Connection, sequences: Sequence[int]) -> list[LegRow]:
    """All legs, whoever's accounts they are on. Slower: entries are kept by account."""
    cursor = await connection.execute(ALL_LEGS, [list(sequences)])
    return [LegRow(*row) for row in await cursor.fetchall()]
