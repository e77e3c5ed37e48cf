"""The ledger's SQL for the audit. It trusts no balance: everything is added up again from the entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fogbank.accounts.ledger.model import Head
from fogbank.runtime.database import Connection

NAMED_MAX = 20
"""How many of what is wrong are named."""

ONE_INSTANT = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
COMMIT = "COMMIT"

COUNTS = """
    SELECT (SELECT count(*) FROM ledger.transfers), (SELECT count(*) FROM ledger.entries),
        (SELECT sum(balance_micros) FROM ledger.accounts)
"""

DIFFERING_ACCOUNTS = """
    SELECT coalesce(name, 'number ' || account) FROM ledger.accounts FULL JOIN (
        SELECT account, sum(amount_micros) AS total_micros FROM ledger.entries GROUP BY account
    ) AS totals ON account = number
    WHERE balance_micros IS DISTINCT FROM coalesce(total_micros, 0) OR name IS NULL
    ORDER BY 1 LIMIT %s
"""

BROKEN_ENTRIES = """
    SELECT 'transfer ' || sequence || ', account ' || account FROM (
        SELECT sequence, account, balance_micros - amount_micros AS before_micros,
            lag(balance_micros, 1, 0::bigint) OVER (PARTITION BY account ORDER BY sequence) AS last_micros
        FROM ledger.entries
    ) AS entry
    WHERE before_micros <> last_micros
        OR NOT EXISTS (SELECT FROM ledger.transfers AS transfer WHERE transfer.sequence = entry.sequence)
    ORDER BY sequence, account LIMIT %s
"""

UNBALANCED_TRANSFERS = """
    SELECT coalesce(id, 'number ' || sequence) FROM (
        SELECT sequence, sum(amount_micros) AS total_micros FROM ledger.entries GROUP BY sequence
    ) AS entry LEFT JOIN ledger.transfers USING (sequence)
    WHERE total_micros <> 0 ORDER BY sequence LIMIT %s
"""

DIFFERING_HOLDS = """
    SELECT owner_id FROM ledger.accounts
    WHERE kind = 'customer' AND held_micros <> (
        SELECT coalesce(sum(amount_micros), 0) FROM ledger.holds WHERE account_id = owner_id AND state = 'open'
    ) ORDER BY owner_id LIMIT %s
"""

CHARGES = """
    SELECT account_id, sum(amount_micros) FROM ledger.transfers
    WHERE kind = 'charge' AND starts_with(id, %s) GROUP BY account_id
"""

BATCHES = """
    SELECT number, first_sequence, last_sequence, posted_at, previous_hash, hash FROM ledger.batches
    WHERE number > %s ORDER BY number LIMIT %s
"""

TRANSFER_LINES = r"""
    SELECT sequence, concat_ws(E'\t', sequence, id, kind, account_id, amount_micros, grants_micros, credit_micros,
        arrears_micros, balance_micros, replace(memo, '\', '\\'), replace(details, '\', '\\')) || E'\n'
    FROM ledger.transfers WHERE sequence BETWEEN %s AND %s ORDER BY sequence
"""

ENTRY_LINES = r"""
    SELECT sequence, concat_ws(E'\t', sequence, coalesce(name, '?'), amount_micros, entry.balance_micros) || E'\n'
    FROM ledger.entries AS entry LEFT JOIN ledger.accounts AS account ON account.number = entry.account
    WHERE sequence BETWEEN %s AND %s ORDER BY sequence, name COLLATE "C"
"""

HEAD = "SELECT batch, sequence, posted_at, hash FROM ledger.head"


class BatchRow(NamedTuple):
    """A batch as it says of itself."""

    number: int
    first_sequence: int
    last_sequence: int
    posted_at: datetime
    previous_hash: bytes
    hash: bytes


async def begin_one_instant(connection: Connection) -> None:
    """Begin to read everything as it is now, however long it takes."""
    await connection.execute(ONE_INSTANT)


async def commit(connection: Connection) -> None:
    await connection.execute(COMMIT)


async def counts(connection: Connection) -> tuple[int, int, int]:
    """How many transfers and entries there are, and the sum of all balances."""
    cursor = await connection.execute(COUNTS)
    [(transfers, entries, balances_micros)] = await cursor.fetchall()
    return transfers, entries, int(balances_micros)


async def names_of(connection: Connection, query: str) -> list[str]:
    """The first of what one of the queries above finds wrong."""
    cursor = await connection.execute(query, [NAMED_MAX])
    return [name for (name,) in await cursor.fetchall()]


async def charges(connection: Connection, prefix: str) -> dict[str, int]:
    """What was charged by account, in micro-credits, by transfers whose ids begin with `prefix`."""
    cursor = await connection.execute(CHARGES, [prefix])
    return {account_id: int(total_micros) for account_id, total_micros in await cursor.fetchall()}


async def head(connection: Connection) -> Head:
    cursor = await connection.execute(HEAD)
    [(batch, sequence, posted_at, digest)] = await cursor.fetchall()
    return Head(batch, sequence, posted_at, digest)


async def batches(connection: Connection, after: int, limit: int) -> list[BatchRow]:
    """The batches after number `after`."""
    cursor = await connection.execute(BATCHES, [after, limit])
    return [BatchRow(*row) for row in await cursor.fetchall()]


async def lines(connection: Connection, query: str, window: Sequence[BatchRow]) -> list[tuple[int, str]]:
    """The chain's lines of transfers or entries of these consecutive batches, each with its sequence."""
    cursor = await connection.execute(query, [window[0].first_sequence, window[-1].last_sequence])
    return [(sequence, line) for sequence, line in await cursor.fetchall()]
