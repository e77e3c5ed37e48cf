"""The ledger's SQL for one batch: what it locks and reads before it decides, and what it writes afterwards.

Rows are locked in one order everywhere: payers' and the system's accounts by ascending number, then the chain's head.
A payer's `customer` row guards its arrears, its grants and its holds, which are read once it is locked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fogbank.accounts.ledger.books import Books
from fogbank.accounts.ledger.model import (
    Grant,
    GrantKind,
    Hold,
    HoldState,
    Kind,
    Transfer,
    arrears_name,
    customer_name,
    grant_name,
)
from fogbank.accounts.ledger.sheet import Head, Sheet
from fogbank.runtime.database import Connection

OWNERS_OF_HOLDS = "SELECT account_id FROM ledger.holds WHERE id = ANY(%s::text[])"

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
COMMIT = "COMMIT"
ROLLBACK = "ROLLBACK"

OPEN_OWNERS = """
    INSERT INTO ledger.accounts (name, kind, owner_id)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])
    ON CONFLICT (name) DO NOTHING
"""

DRAW_NUMBERS = """
    SELECT nextval(pg_get_serial_sequence('ledger.accounts', 'number')) FROM generate_series(1, %s)
"""

OPEN_GRANT = """
    INSERT INTO ledger.accounts (number, name, kind, owner_id, grant_kind, priority, expires_at)
    VALUES (%s, %s, 'grant', %s, %s, %s, %s)
"""

LOCK_ACCOUNTS = """
    SELECT number, name, owner_id, balance_micros, held_micros, floor_micros
    FROM ledger.accounts WHERE name = ANY(%s::text[]) ORDER BY number FOR UPDATE
"""

READ_GUARDED_ACCOUNTS = """
    SELECT number, name, owner_id, balance_micros, grant_kind, priority, expires_at
    FROM ledger.accounts
    WHERE owner_id = ANY(%s::text[]) AND kind IN ('arrears', 'grant') AND (kind = 'arrears' OR balance_micros > 0)
    ORDER BY number
"""

READ_HOLDS = """
    SELECT id, account_id, amount_micros, expires_at, state FROM ledger.holds
    WHERE account_id = ANY(%s::text[]) AND state = 'open' OR id = ANY(%s::text[])
"""

READ_TRANSFERS = """
    SELECT id, kind, account_id, amount_micros, grants_micros, credit_micros, arrears_micros, balance_micros,
        memo, details
    FROM ledger.transfers WHERE id = ANY(%s::text[])
"""

LOCK_HEAD = "SELECT batch, sequence, posted_at, hash FROM ledger.head FOR UPDATE"

COPY_TRANSFERS = """
    COPY ledger.transfers (sequence, id, kind, account_id, amount_micros, grants_micros, credit_micros, arrears_micros,
        balance_micros, memo, details) FROM STDIN
"""
COPY_ENTRIES = "COPY ledger.entries (sequence, account, amount_micros, balance_micros) FROM STDIN"

UPDATE_ACCOUNTS = """
    UPDATE ledger.accounts AS account
    SET balance_micros = now.balance, held_micros = now.held, floor_micros = now.floor
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS now (number, balance, held, floor)
    WHERE account.number = now.number
"""

PUT_HOLD = """
    INSERT INTO ledger.holds (id, account_id, amount_micros, expires_at, state) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state
"""

INSERT_BATCH = """
    INSERT INTO ledger.batches (number, first_sequence, last_sequence, posted_at, previous_hash, hash)
    VALUES (%s, %s, %s, %s, %s, %s)
"""

ADVANCE_HEAD = "UPDATE ledger.head SET batch = %s, sequence = %s, posted_at = %s, hash = %s"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a batch touches: payers, which of them may be new, system accounts, and the ids it gives and asks for."""

    owners: set[str]
    new_owners: set[str]
    system: set[str]
    grant_ids: list[str]
    transfer_ids: list[str]
    hold_ids: list[str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The books as locked, the numbers of the accounts in them, and the head of the chain."""

    books: Books
    numbers: dict[str, int]
    head: Head


async def owners_of_holds(connection: Connection, hold_ids: list[str]) -> set[str]:
    """Whose holds these are; one that does not exist has nobody."""
    cursor = await connection.execute(OWNERS_OF_HOLDS, [text_array(hold_ids)])
    return {owner_id for (owner_id,) in await cursor.fetchall()}


async def begin_and_load(connection: Connection, needs: Needs, now: datetime) -> Loaded:
    """Begin a transaction, open what is new, lock everything that guards what `needs` names, and read it."""
    owners = text_array(needs.owners)
    async with connection.pipeline():
        await connection.execute(BEGIN)
        if needs.new_owners:
            await connection.execute(OPEN_OWNERS, _owner_rows(sorted(needs.new_owners)))
        names = text_array([*map(customer_name, needs.owners), *needs.system])
        locked = await connection.execute(LOCK_ACCOUNTS, [names])
        guarded = await connection.execute(READ_GUARDED_ACCOUNTS, [owners])
        holds = await connection.execute(READ_HOLDS, [owners, text_array(needs.hold_ids)])
        transfers = await connection.execute(READ_TRANSFERS, [text_array(needs.transfer_ids)])
        drawn = await connection.execute(DRAW_NUMBERS, [len(needs.grant_ids)]) if needs.grant_ids else None
        head = await connection.execute(LOCK_HEAD)
    (batch, sequence, posted_at, digest) = (await head.fetchall())[0]
    loaded = Loaded(Books(now), {}, Head(batch, sequence, posted_at, digest))
    _take_locked(loaded, await locked.fetchall())
    _take_guarded(loaded, await guarded.fetchall())
    for hold_id, owner_id, amount_micros, expires_at, state in await holds.fetchall():
        loaded.books.holds[hold_id] = Hold(hold_id, owner_id, amount_micros, expires_at, HoldState(state))
    for transfer_id, kind, *rest in await transfers.fetchall():
        loaded.books.transfers[transfer_id] = Transfer(transfer_id, Kind(kind), *rest)
    for grant_id, (number,) in zip(needs.grant_ids, await drawn.fetchall() if drawn else [], strict=True):
        if grant_id not in loaded.books.transfers:
            loaded.numbers[grant_name(grant_id)] = number
    loaded.books.at(max(now, posted_at))
    return loaded


async def write_and_commit(connection: Connection, sheet: Sheet, books: Books) -> None:
    """Write the sheet and all that it changed, and commit: all of it or nothing."""
    async with connection.cursor() as cursor:
        async with cursor.copy(COPY_TRANSFERS) as copy:
            await copy.write("".join(sheet.transfer_lines))
        async with cursor.copy(COPY_ENTRIES) as copy:
            await copy.write("".join(sheet.entry_lines))
    head, previous = sheet.next_head(), sheet.head
    async with connection.pipeline():
        for owner_id, grant in books.new_grants:
            name = grant_name(grant.id)
            terms = [sheet.numbers[name], name, owner_id, grant.kind.value, grant.priority, grant.expires_at]
            await connection.execute(OPEN_GRANT, terms)
        for hold in (books.holds[hold_id] for hold_id in sorted(books.changed_holds)):
            facts = [hold.id, hold.account_id, hold.amount_micros, hold.expires_at, hold.state.value]
            await connection.execute(PUT_HOLD, facts)
        await connection.execute(UPDATE_ACCOUNTS, _changed_accounts(sheet, books))
        batch = [head.batch, previous.sequence + 1, head.sequence, head.posted_at, previous.hash, head.hash]
        await connection.execute(INSERT_BATCH, batch)
        await connection.execute(ADVANCE_HEAD, [head.batch, head.sequence, head.posted_at, head.hash])
        await connection.execute(COMMIT)


async def rollback(connection: Connection) -> None:
    await connection.execute(ROLLBACK)


def _owner_rows(owner_ids: list[str]) -> list[str]:
    """The columns of the two ledger accounts that every payer has, as array literals."""
    names = [name for owner_id in owner_ids for name in (customer_name(owner_id), arrears_name(owner_id))]
    owners = [owner_id for owner_id in owner_ids for _ in range(2)]
    return [text_array(names), text_array(["customer", "arrears"] * len(owner_ids)), text_array(owners)]


def _take_locked(loaded: Loaded, rows: Iterable[tuple[Any, ...]]) -> None:
    books, numbers = loaded.books, loaded.numbers
    for number, name, owner_id, balance_micros, held_micros, floor_micros in rows:
        numbers[name] = number
        books.balances[name] = balance_micros
        if owner_id is not None:
            owner = books.open_owner(owner_id)
            owner.held_micros, owner.floor_micros = held_micros, floor_micros


def _take_guarded(loaded: Loaded, rows: Iterable[tuple[Any, ...]]) -> None:
    books, numbers = loaded.books, loaded.numbers
    for number, name, owner_id, balance_micros, kind, priority, expires_at in rows:
        numbers[name] = number
        books.balances[name] = balance_micros
        if kind is not None:
            grant = Grant(name.removeprefix("grant:"), GrantKind(kind), priority, expires_at, age=number)
            books.owners[owner_id].add_grant(grant)


def _changed_accounts(sheet: Sheet, books: Books) -> list[str]:
    """The four columns of what changed, as array literals."""
    names = sorted(books.touched)
    owners = [books.owners[name.removeprefix("customer:")] if name.startswith("customer:") else None for name in names]
    columns = (
        [sheet.numbers[name] for name in names],
        [books.balances[name] for name in names],
        [owner.held_micros if owner else 0 for owner in owners],
        [owner.floor_micros if owner else 0 for owner in owners],
    )
    return ["{" + ",".join(map(str, column)) + "}" for column in columns]


def text_array(texts: Iterable[str]) -> str:
    """An array literal of ids and names, none of which can hold a quote or a backslash."""
    joined = '","'.join(texts)
    return '{"' + joined + '"}' if joined else "{}"
