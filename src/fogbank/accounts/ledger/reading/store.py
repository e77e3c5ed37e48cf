"""The ledger's SQL for reading accounts: balances, their history, statements. Each is one statement, so one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

ACCOUNTS_OF_OWNER = """
    SELECT kind, name, balance_micros, floor_micros, grant_kind, priority, expires_at, (
        SELECT coalesce(sum(amount_micros), 0)::bigint FROM ledger.holds
        WHERE account_id = account.owner_id AND state = 'open' AND expires_at > %(now)s AND account.kind = 'customer'
    ) AS held_micros
    FROM ledger.accounts AS account
    WHERE owner_id = %(account_id)s AND (kind <> 'grant' OR balance_micros > 0 AND coalesce(expires_at > %(now)s, true))
    ORDER BY priority, expires_at, number
"""

BALANCES_AT = """
    WITH ends AS (
        SELECT at, position, (
            SELECT last_sequence FROM ledger.batches WHERE posted_at < at ORDER BY posted_at DESC, number DESC LIMIT 1
        ) AS sequence
        FROM unnest(%(instants)s::timestamptz[]) WITH ORDINALITY AS ends (at, position)
    ), own AS (
        SELECT number, expires_at FROM ledger.accounts
        WHERE owner_id = %(account_id)s AND kind IN ('customer', 'grant')
    )
    SELECT coalesce(sum(last.balance_micros), 0)::bigint
    FROM ends LEFT JOIN own ON coalesce(own.expires_at > ends.at, true)
    LEFT JOIN LATERAL (
        SELECT balance_micros FROM ledger.entries
        WHERE account = own.number AND sequence <= ends.sequence ORDER BY sequence DESC LIMIT 1
    ) AS last ON true
    GROUP BY position ORDER BY position
"""

STATEMENT = """
    WITH own AS (
        SELECT number FROM ledger.accounts WHERE owner_id = %(account_id)s
    ), latest AS (
        SELECT DISTINCT entry.sequence FROM own, LATERAL (
            SELECT sequence FROM ledger.entries
            WHERE account = own.number AND (%(before)s::bigint IS NULL OR sequence < %(before)s)
            ORDER BY sequence DESC LIMIT %(limit)s
        ) AS entry
        ORDER BY sequence DESC LIMIT %(limit)s
    )
    SELECT sequence, id, kind, memo, posted_at, (
        SELECT sum(amount_micros)::bigint FROM ledger.entries
        WHERE account IN (SELECT number FROM own) AND sequence = transfer.sequence
    ) AS change_micros
    FROM latest JOIN ledger.transfers AS transfer USING (sequence), LATERAL (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= transfer.sequence ORDER BY first_sequence DESC LIMIT 1
    ) AS batch
    ORDER BY sequence DESC
"""


@dataclass(frozen=True, slots=True)
class OwnedAccount:
    """One ledger account of a payer; a grant only while it is active and not used up."""

    kind: str
    name: str
    balance_micros: int
    floor_micros: int
    grant_kind: str | None
    priority: int | None
    expires_at: datetime | None
    held_micros: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A transfer that touched a payer, and by how much its ledger accounts together changed."""

    sequence: int
    id: str
    kind: str
    memo: str
    posted_at: datetime
    change_micros: int


async def accounts_of_owner(connection: Connection, account_id: str, now: datetime) -> list[OwnedAccount]:
    """The payer's ledger accounts, grants in burn order."""
    async with connection.cursor(row_factory=class_row(OwnedAccount)) as cursor:
        await cursor.execute(ACCOUNTS_OF_OWNER, {"account_id": account_id, "now": now})
        return await cursor.fetchall()


async def balances_at(connection: Connection, account_id: str, instants: Sequence[datetime]) -> list[int]:
    """The payer's balance (credit and active grants) just before each instant."""
    cursor = await connection.execute(BALANCES_AT, {"account_id": account_id, "instants": list(instants)})
    return [balance_micros for (balance_micros,) in await cursor.fetchall()]


async def statement(connection: Connection, account_id: str, before: int | None, limit: int) -> list[StatementRow]:
    """The latest transfers that touched the payer, those before sequence `before` if given."""
    async with connection.cursor(row_factory=class_row(StatementRow)) as cursor:
        await cursor.execute(STATEMENT, {"account_id": account_id, "before": before, "limit": limit})
        return await cursor.fetchall()
