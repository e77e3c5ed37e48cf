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
        SELECT id, kind, amount_micros, details, sequence FROM ledger.transfers
        WHERE account_id = %(account_id)s AND kind NOT IN ('charge', 'deduct') AND sequence <= %(sequence)s
    ), open_holds AS (
        SELECT max(amount_micros) AS amount_micros,
            max((details::jsonb ->> -1)::timestamptz) FILTER (WHERE kind IN ('hold', 'extend_hold')) AS expires_at
        FROM rare WHERE kind IN ('hold', 'extend_hold', 'capture', 'release', 'expire_hold')
        GROUP BY CASE kind WHEN 'hold' THEN id ELSE details::jsonb ->> 0 END
        HAVING bool_and(kind IN ('hold', 'extend_hold'))
    )
    SELECT (
        SELECT coalesce(sum(amount_micros), 0)::bigint FROM open_holds WHERE expires_at >= %(at)s
    ), coalesce((
        SELECT amount_micros FROM rare WHERE kind = 'limit' ORDER BY sequence DESC LIMIT 1
    ), 0), coalesce((
        SELECT kind = 'freeze' FROM rare WHERE kind IN ('freeze', 'unfreeze') ORDER BY sequence DESC LIMIT 1
    ), false)
"""

SPENDING = """
    WITH own AS (
        SELECT number, name, balance_micros FROM ledger.accounts
        WHERE owner_id = %(account_id)s AND kind IN ('customer', 'arrears', 'grant')
            AND NOT (is_settled AND expires_at <= %(since)s)
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
    ), naming AS (
        SELECT transfer.sequence, transfer.id
        FROM own, LATERAL (
            VALUES (jsonb_build_array(name)), (jsonb_build_array(jsonb_build_array(name)))
        ) AS mention (names), ledger.transfers AS transfer
        WHERE transfer.kind IN ('transfer', 'post', 'capture') AND transfer.details::jsonb @> mention.names
    ), others AS (
        SELECT sequence FROM naming
        UNION
        SELECT reversal.sequence FROM naming, LATERAL (
            SELECT sequence FROM ledger.transfers
            WHERE kind = 'reverse' AND details::jsonb ->> 0 = naming.id OFFSET 0
        ) AS reversal
        UNION
        SELECT transfer.sequence FROM start, ledger.transfers AS transfer
        WHERE transfer.account_id = %(account_id)s AND transfer.kind NOT IN ('charge', 'deduct')
            AND transfer.sequence > start.sequence AND NOT (transfer.kind = 'reverse' AND EXISTS (
                SELECT FROM ledger.transfers AS reversed
                WHERE reversed.id = transfer.details::jsonb ->> 0 AND reversed.kind IN ('charge', 'deduct')
            ))
    ), changed_otherwise AS (
        SELECT coalesce(sum(entry.amount_micros), 0) AS micros
        FROM start, others, own, LATERAL (
            SELECT amount_micros FROM ledger.entries
            WHERE account = own.number AND sequence = others.sequence OFFSET 0
        ) AS entry
        WHERE others.sequence > start.sequence
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
"""What a payer had, and got since by anything but charges and deductions, less what it has now, is what those took.

They are most of all transfers and are not read. The others are few, and found by their account or by whom they name:
who pays in, moves or captures for somebody else changes what that one has, and not what it spends. OFFSET 0: one
look-up each, however many the planner thinks there are.
"""


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


async def owned(connection: Connection, account_id: str, now: datetime) -> list[OwnedAccount]:
    """The payer's ledger accounts, grants in burn order."""
    async with connection.cursor(row_factory=class_row(OwnedAccount)) as cursor:
        await cursor.execute(ACCOUNTS_OF_OWNER, {"account_id": account_id, "now": now})
        return await cursor.fetchall()


async def spending(connection: Connection, account_id: str, since: datetime) -> tuple[int, datetime | None]:
    """What the payer spent after `since`, in micro-credits, and when it first had anything.

    Spent is what charges and deductions took, less refunds and what reversals of either gave back; nothing else counts.
    Ask it as one who sees every tenant: who changed what the payer has may be another one.
    """
    cursor = await connection.execute(SPENDING, {"account_id": account_id, "since": since})
    [(spent_micros, first_at)] = await cursor.fetchall()
    return int(spent_micros), first_at


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
