"""The ledger's SQL for balances: what a payer's ledger accounts have now, or had at any position."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row

from fogbank.accounts.ledger.reading.positions import AccountThen
from fogbank.runtime.database import Connection

ACCOUNTS_OF_OWNER = """
    SELECT kind, name, balance_micros, floor_micros, grant_kind, priority, expires_at, is_frozen, (
        SELECT coalesce(sum(amount_micros), 0)::bigint FROM ledger.holds
        WHERE account_id = account.owner_id AND state = 'open' AND expires_at > %(now)s AND account.kind = 'customer'
    ) AS held_micros
    FROM ledger.accounts AS account
    WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
        AND (kind <> 'grant' OR balance_micros > 0 AND coalesce(expires_at > %(now)s, true))
    ORDER BY priority, expires_at, number
"""

SEQUENCES_BEFORE = """
    SELECT coalesce((
        SELECT last_sequence FROM ledger.batches WHERE posted_at < at ORDER BY posted_at DESC, number DESC LIMIT 1
    ), 0)
    FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS ends (at, position) ORDER BY position
"""

ACCOUNTS_THEN = """
    SELECT number, kind, name, grant_kind, priority, expires_at, coalesce(last.balance_micros, 0) AS balance_micros
    FROM ledger.accounts AS own LEFT JOIN LATERAL (
        SELECT balance_micros FROM ledger.entries
        WHERE account = own.number AND sequence <= %(sequence)s ORDER BY sequence DESC LIMIT 1
    ) AS last ON true
    WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
    ORDER BY priority, expires_at, number
"""

BALANCES_BEFORE = """
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
    FROM ends LEFT JOIN own ON coalesce(own.expires_at >= ends.at, true)
    LEFT JOIN LATERAL (
        SELECT balance_micros FROM ledger.entries
        WHERE account = own.number AND sequence <= ends.sequence ORDER BY sequence DESC LIMIT 1
    ) AS last ON true
    GROUP BY position ORDER BY position
"""

TERMS_THEN = """
    WITH rare AS (
        SELECT id, kind, amount_micros, sequence FROM ledger.transfers
        WHERE account_id = %(account_id)s AND kind NOT IN ('charge', 'deduct') AND sequence <= %(sequence)s
    )
    SELECT (
        SELECT coalesce(sum(rare.amount_micros), 0)::bigint
        FROM rare JOIN ledger.holds AS hold USING (id)
        WHERE rare.kind = 'hold' AND hold.expires_at >= %(at)s AND NOT EXISTS (
            SELECT FROM ledger.transfers AS ended
            WHERE ended.kind IN ('capture', 'release', 'expire_hold')
                AND ended.details::jsonb ->> 0 = rare.id AND ended.sequence <= %(sequence)s
        )
    ), coalesce((
        SELECT amount_micros FROM rare WHERE kind = 'limit' ORDER BY sequence DESC LIMIT 1
    ), 0), coalesce((
        SELECT kind = 'freeze' FROM rare WHERE kind IN ('freeze', 'unfreeze') ORDER BY sequence DESC LIMIT 1
    ), false)
"""

SPENDING = """
    WITH own AS (
        SELECT number, balance_micros FROM ledger.accounts
        WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
    ), start AS (
        SELECT coalesce((
            SELECT last_sequence FROM ledger.batches
            WHERE posted_at < %(since)s ORDER BY posted_at DESC, number DESC LIMIT 1
        ), 0) AS sequence
    ), had AS (
        SELECT coalesce(sum(last.balance_micros), 0) AS micros FROM start, own, LATERAL (
            SELECT balance_micros FROM ledger.entries
            WHERE account = own.number AND sequence <= start.sequence ORDER BY sequence DESC LIMIT 1
        ) AS last
    ), changed_otherwise AS (
        SELECT coalesce(sum(entry.amount_micros), 0) AS micros
        FROM start, ledger.transfers AS transfer, own, ledger.entries AS entry
        WHERE transfer.account_id IN (%(account_id)s, '') AND transfer.kind NOT IN ('charge', 'deduct')
            AND transfer.sequence > start.sequence
            AND entry.account = own.number AND entry.sequence = transfer.sequence
    ), first AS (
        SELECT min(entry.sequence) AS sequence FROM own, LATERAL (
            SELECT sequence FROM ledger.entries WHERE account = own.number ORDER BY sequence LIMIT 1
        ) AS entry
    )
    SELECT (had.micros + changed_otherwise.micros - (SELECT coalesce(sum(balance_micros), 0) FROM own))::bigint, (
        SELECT posted_at FROM ledger.batches
        WHERE first_sequence <= first.sequence ORDER BY first_sequence DESC LIMIT 1
    )
    FROM had, changed_otherwise, first
"""
"""What a payer had, and got since, less what it has now, is what charges and deductions took. They are most of all
transfers and are not read: the others are few, and have an index of their own."""


@dataclass(frozen=True, slots=True)
class OwnedAccount:
    """One ledger account of a payer, as it is; a grant only while it is active and not used up."""

    kind: str
    name: str
    balance_micros: int
    floor_micros: int
    grant_kind: str | None
    priority: int | None
    expires_at: datetime | None
    is_frozen: bool
    held_micros: int


class TermsThen(NamedTuple):
    """What was held of a payer, how far below zero its credit could go, and whether it was frozen."""

    held_micros: int
    limit_micros: int
    is_frozen: bool


async def standing(
    connection: Connection, account_id: str, now: datetime, since: datetime
) -> tuple[list[OwnedAccount], int, datetime | None]:
    """The payer's ledger accounts, grants in burn order; what it spent after `since`; and when it first had anything.

    Spent, in micro-credits, is what charges and deductions took, less refunds.
    """
    async with connection.pipeline():
        owned = await connection.cursor(row_factory=class_row(OwnedAccount)).execute(
            ACCOUNTS_OF_OWNER, {"account_id": account_id, "now": now}
        )
        spending = await connection.execute(SPENDING, {"account_id": account_id, "since": since})
    [(spent_micros, first_at)] = await spending.fetchall()
    return await owned.fetchall(), int(spent_micros), first_at


async def sequences_before(connection: Connection, instants: Sequence[datetime]) -> list[int]:
    """The last sequence that was posted before each instant; 0 where none was."""
    cursor = await connection.execute(SEQUENCES_BEFORE, [list(instants)])
    return [sequence for (sequence,) in await cursor.fetchall()]


async def accounts_then(connection: Connection, account_id: str, sequence: int) -> list[AccountThen]:
    """The payer's ledger accounts as transfer `sequence` left them, grants in burn order."""
    async with connection.cursor(row_factory=class_row(AccountThen)) as cursor:
        await cursor.execute(ACCOUNTS_THEN, {"account_id": account_id, "sequence": sequence})
        return await cursor.fetchall()


async def balances_before(connection: Connection, account_id: str, instants: Sequence[datetime]) -> list[int]:
    """The payer's balance (credit and active grants) just before each instant."""
    cursor = await connection.execute(BALANCES_BEFORE, {"account_id": account_id, "instants": list(instants)})
    return [balance_micros for (balance_micros,) in await cursor.fetchall()]


async def terms_then(connection: Connection, account_id: str, sequence: int, at: datetime) -> TermsThen:
    """What was held, and how far the payer could go, just before `at`; `sequence` is the last one posted before."""
    cursor = await connection.execute(TERMS_THEN, {"account_id": account_id, "sequence": sequence, "at": at})
    [row] = await cursor.fetchall()
    return TermsThen(*row)
