"""SQL of the activity log."""

from dataclasses import asdict

import msgspec
from psycopg.rows import class_row

from fogbank.accounts.activity.model import Entry, State, Wanted
from fogbank.runtime.database import Connection

ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtext('accounts.activity'), 0)"
"""Writers wait for each other, since each needs the hash of the one before; readers do not wait."""

AS_THE_DATABASE_WRITES_IT = "SELECT %s::jsonb::text, %s::jsonb::text"

ENTRIES = """
    SELECT number, format, at, id, actor_id, actor_kind, action, subject, account_id, reason, before::text, after::text,
        address, agent, credential_id, request_id, previous_hash, hash
    FROM accounts.activity
"""
BY_ID = ENTRIES + " WHERE id = %s"
HAS_ACTION = "SELECT EXISTS (SELECT FROM accounts.activity WHERE subject = %s AND action = %s)"
LAST = ENTRIES + " ORDER BY number DESC LIMIT 1"
IN_ORDER = ENTRIES + " WHERE number > %s ORDER BY number LIMIT %s"

WANTED = """
    WHERE (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
      AND (%(subject)s::text IS NULL OR subject = %(subject)s)
      AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s)
      AND (%(action)s::text IS NULL OR action = %(action)s OR starts_with(action, %(action)s || '.'))
      AND (%(address)s::text IS NULL OR address = %(address)s)
      AND (%(from_)s::timestamptz IS NULL OR at >= %(from_)s)
      AND (%(to)s::timestamptz IS NULL OR at < %(to)s)
"""
NEWEST_FIRST = ENTRIES + WANTED + " AND number < %(below)s ORDER BY number DESC LIMIT %(limit)s"
WANTED_IN_ORDER = ENTRIES + WANTED + " AND number > %(above)s AND number <= %(last)s ORDER BY number LIMIT %(limit)s"

INSERT = """
    INSERT INTO accounts.activity
        (number, format, at, id, actor_id, actor_kind, action, subject, account_id, reason, before, after,
         address, agent, credential_id, request_id, previous_hash, hash)
    VALUES (%(number)s, %(format)s, %(at)s, %(id)s, %(actor_id)s, %(actor_kind)s, %(action)s, %(subject)s,
        %(account_id)s, %(reason)s, %(before)s::jsonb, %(after)s::jsonb,
        %(address)s, %(agent)s, %(credential_id)s, %(request_id)s, %(previous_hash)s, %(hash)s)
"""


async def one_writer(tx: Connection) -> None:
    """Be the only one who writes, until the transaction ends."""
    await tx.execute(ONE_WRITER)


async def texts_of(tx: Connection, before: State, after: State) -> tuple[str | None, str | None]:
    """Both as the JSON texts that the database will give back for them."""
    if before is None and after is None:
        return None, None
    texts = [None if state is None else msgspec.json.encode(state).decode() for state in (before, after)]
    [(before_text, after_text)] = await (await tx.execute(AS_THE_DATABASE_WRITES_IT, texts)).fetchall()
    return before_text, after_text


async def by_id(tx: Connection, act_id: str) -> Entry | None:
    cursor = tx.cursor(row_factory=class_row(Entry))
    return await (await cursor.execute(BY_ID, [act_id])).fetchone()


async def has_action(connection: Connection, subject: str, action: str) -> bool:
    """Whether this was ever done to that subject."""
    [(found,)] = await (await connection.execute(HAS_ACTION, [subject, action])).fetchall()
    return bool(found)


async def last(tx: Connection) -> Entry | None:
    cursor = tx.cursor(row_factory=class_row(Entry))
    return await (await cursor.execute(LAST)).fetchone()


async def insert(tx: Connection, entry: Entry) -> None:
    await tx.execute(INSERT, asdict(entry))


async def in_order(connection: Connection, after: int, limit: int) -> list[Entry]:
    """The entries after number `after`, oldest first."""
    cursor = connection.cursor(row_factory=class_row(Entry))
    return await (await cursor.execute(IN_ORDER, [after, limit])).fetchall()


async def newest_first(connection: Connection, wanted: Wanted, below: int, limit: int) -> list[Entry]:
    """The wanted entries below number `below`, newest first."""
    cursor = connection.cursor(row_factory=class_row(Entry))
    return await (await cursor.execute(NEWEST_FIRST, {**asdict(wanted), "below": below, "limit": limit})).fetchall()


async def wanted_in_order(connection: Connection, wanted: Wanted, above: int, last_: int, limit: int) -> list[Entry]:
    """The wanted entries after number `above` and up to `last_`, oldest first."""
    cursor = connection.cursor(row_factory=class_row(Entry))
    parameters = {**asdict(wanted), "above": above, "last": last_, "limit": limit}
    return await (await cursor.execute(WANTED_IN_ORDER, parameters)).fetchall()
