"""The ledger's SQL for one batch: what it reads before it decides, and what it writes afterwards.

There is one lock, the row in `ledger.head`: whoever writes takes it first and may do so only from the head that it
decided by. So there is no order of locks to keep, and nothing read since that head can have changed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fogbank.accounts.ledger.model import SYSTEM_ACCOUNTS, Grant, GrantKind, Head, Hold, HoldState, Kind, Transfer
from fogbank.accounts.ledger.posting.books import Books, Owner
from fogbank.accounts.ledger.posting.literals import text_array
from fogbank.accounts.ledger.posting.sheet import Sheet
from fogbank.runtime.database import Connection

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
COMMIT = "COMMIT"

READ_HEAD = "SELECT batch, sequence, posted_at, hash FROM ledger.head"
LOCK_HEAD = READ_HEAD + " FOR UPDATE"
READ_SYSTEM = "SELECT number, name, balance_micros FROM ledger.accounts WHERE name = ANY(%s::text[])"

READ_OWNED = """
    SELECT number, name, kind, owner_id, balance_micros, held_micros, floor_micros, is_frozen,
        grant_kind, priority, expires_at
    FROM ledger.accounts
    WHERE owner_id = ANY(%s::text[]) AND (kind <> 'grant' OR balance_micros > 0)
"""
READ_HOLDS = "SELECT id, account_id, amount_micros, expires_at, state FROM ledger.holds WHERE id = ANY(%s::text[])"
READ_OPEN_HOLDS = """
    SELECT id, account_id, amount_micros, expires_at, state FROM ledger.holds
    WHERE account_id = ANY(%s::text[]) AND state = 'open'
"""
READ_TRANSFERS = """
    SELECT id, kind, account_id, amount_micros, grants_micros, credit_micros, arrears_micros, balance_micros,
        memo, details
    FROM ledger.transfers WHERE id = ANY(%s::text[])
"""
DRAW_NUMBERS = """
    SELECT nextval(pg_get_serial_sequence('ledger.accounts', 'number')) FROM generate_series(1, %s)
"""

POST_SHEET = """
    WITH claimed AS (
        UPDATE ledger.head SET batch = %s, sequence = %s, posted_at = %s, hash = %s WHERE hash = %s RETURNING true
    ), posted_transfers AS (
        INSERT INTO ledger.transfers SELECT added.* FROM claimed, unnest(%s::ledger.transfers[]) AS added
    ), posted_entries AS (
        INSERT INTO ledger.entries SELECT added.* FROM claimed, unnest(%s::ledger.entries[]) AS added
    ), changed_accounts AS (
        UPDATE ledger.accounts AS account
        SET balance_micros = changed.balance_micros, held_micros = changed.held_micros,
            floor_micros = changed.floor_micros, is_frozen = changed.is_frozen
        FROM claimed, unnest(%s::ledger.accounts[]) AS changed
        WHERE account.number = changed.number
    ), opened_accounts AS (
        INSERT INTO ledger.accounts SELECT opened.* FROM claimed, unnest(%s::ledger.accounts[]) AS opened
    ), put_holds AS (
        INSERT INTO ledger.holds SELECT put.* FROM claimed, unnest(%s::ledger.holds[]) AS put
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at
    ), chained AS (
        INSERT INTO ledger.batches (number, first_sequence, last_sequence, posted_at, previous_hash, hash)
        SELECT batch.* FROM claimed, (
            VALUES (%s::bigint, %s::bigint, %s::bigint, %s::timestamptz, %s::bytea, %s::bytea)
        ) AS batch
    )
    SELECT FROM claimed
"""


async def begin(connection: Connection) -> None:
    await connection.execute(BEGIN)


async def commit(connection: Connection) -> None:
    await connection.execute(COMMIT)


async def read_books(connection: Connection, now: datetime, *, is_locked: bool = False) -> Books:
    """Books that hold the system's accounts and begin at the chain's head, which is locked if asked."""
    async with connection.pipeline():
        heads = await connection.execute(LOCK_HEAD if is_locked else READ_HEAD)
        system = await connection.execute(READ_SYSTEM, [text_array(SYSTEM_ACCOUNTS)])
    batch, sequence, posted_at, digest = (await heads.fetchall())[0]
    books = Books(Head(batch, sequence, posted_at, digest), now)
    for number, name, balance_micros in await system.fetchall():
        books.numbers[name], books.balances[name] = number, balance_micros
    return books


async def read_owners(connection: Connection, books: Books, account_ids: Iterable[str]) -> None:
    """Take payers into the books, with their grants and open holds; those unknown to the database are opened."""
    missing = [account_id for account_id in account_ids if account_id not in books.owners]
    if not missing:
        return
    async with connection.pipeline():
        owned = await connection.execute(READ_OWNED, [text_array(missing)])
        holds = await connection.execute(READ_OPEN_HOLDS, [text_array(missing)])
    _take_owned(books, missing, await owned.fetchall())
    books.take_holds(map(_hold, await holds.fetchall()))
    absent = [account_id for account_id in missing if account_id not in books.owners]
    numbers = await draw_numbers(connection, 2 * len(absent))
    for account_id in absent:
        owner = books.open_owner(account_id)
        books.numbers[owner.customer], books.numbers[owner.arrears] = numbers.pop(), numbers.pop()


async def read_holds(connection: Connection, hold_ids: Sequence[str]) -> list[Hold]:
    """The holds with these ids, those that exist."""
    cursor = await connection.execute(READ_HOLDS, [text_array(hold_ids)])
    return [_hold(row) for row in await cursor.fetchall()]


async def read_transfers(connection: Connection, ids: Sequence[str]) -> list[Transfer]:
    """The transfers with these ids, those that exist."""
    cursor = await connection.execute(READ_TRANSFERS, [text_array(ids)])
    return [Transfer(row[0], Kind(row[1]), *row[2:]) for row in await cursor.fetchall()]


async def draw_numbers(connection: Connection, count: int) -> list[int]:
    """Numbers for new ledger accounts, which are nobody else's."""
    if not count:
        return []
    cursor = await connection.execute(DRAW_NUMBERS, [count])
    return [number for (number,) in await cursor.fetchall()]


async def is_head(connection: Connection, head: Head) -> bool:
    """Whether the chain ends at `head`."""
    cursor = await connection.execute(READ_HEAD)
    return [row[3] for row in await cursor.fetchall()] == [head.hash]


async def post_sheet(connection: Connection, sheet: Sheet) -> bool:
    """Write all of the sheet by one statement; `False`, and nothing is, when the chain does not end where it begins."""
    head, previous = sheet.head, sheet.previous
    parameters = [
        *(head.batch, head.sequence, head.posted_at, head.hash, previous.hash),
        *(sheet.transfers, sheet.entries, sheet.changed_accounts, sheet.new_accounts, sheet.holds),
        *(head.batch, previous.sequence + 1, head.sequence, head.posted_at, previous.hash, head.hash),
    ]
    cursor = await connection.execute(POST_SHEET, parameters, prepare=True)
    return cursor.rowcount == 1


def _take_owned(books: Books, account_ids: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    owners = {account_id: Owner(account_id) for account_id in account_ids}
    for number, name, kind, owner_id, balance, held, floor, is_frozen, grant_kind, priority, expires_at in rows:
        owner = owners[owner_id]
        books.numbers[name], books.balances[name] = number, balance
        if kind == "customer":
            books.owners[owner_id] = owner
            owner.held_micros, owner.floor_micros, owner.is_frozen = held, floor, is_frozen
        elif kind == "grant":
            grant_id = name.removeprefix("grant:")
            books.take_grant(owner, Grant(grant_id, GrantKind(grant_kind), priority, expires_at, age=number))


def _hold(row: tuple[Any, ...]) -> Hold:
    hold_id, account_id, amount_micros, expires_at, state = row
    return Hold(hold_id, account_id, amount_micros, expires_at, HoldState(state))
