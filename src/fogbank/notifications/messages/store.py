"""SQL of messages. Address, link and words are sealed while a message waits, and gone once it ended.

Who takes one moves its time on, so that another process passes it over, and it is due again when that one was killed.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.notifications.model import DeliveryState
from fogbank.runtime.database import Connection

INSERT_ONCE = """
    INSERT INTO notifications.messages (id, kind, state, key_id, sealed, created_at, due_at)
    VALUES (%(id)s, %(kind)s, 'queued', %(key_id)s, %(sealed)s, %(now)s, %(now)s)
    ON CONFLICT (id) DO NOTHING
"""
SELECT_KIND = "SELECT kind FROM notifications.messages WHERE id = %(id)s"
TAKE_DUE = """
    UPDATE notifications.messages SET attempts = attempts + 1, due_at = %(again_at)s
    WHERE id IN (
        SELECT id FROM notifications.messages WHERE state = 'queued' AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, key_id, sealed, created_at, attempts
"""
END = """
    UPDATE notifications.messages
    SET state = %(state)s, detail = %(detail)s, ended_at = %(now)s, sealed = NULL, key_id = NULL
    WHERE id = %(id)s AND state = 'queued'
"""
TRY_AGAIN = """
    UPDATE notifications.messages SET due_at = %(at)s, detail = %(detail)s WHERE id = %(id)s AND state = 'queued'
"""
COUNT_WAITING = "SELECT count(*) FROM notifications.messages WHERE state = 'queued'"
DELETE_BEFORE = "DELETE FROM notifications.messages WHERE state <> 'queued' AND created_at < %(before)s"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message as it is kept; `attempts` counts the one that it was taken for."""

    id: str
    kind: str
    key_id: str
    sealed: bytes
    created_at: datetime
    attempts: int


async def insert_once(tx: Connection, message_id: str, kind: str, sealed: tuple[str, bytes], now: datetime) -> bool:
    """Whether it was inserted: not where there is one of that id. `sealed` is the key's id and what it sealed."""
    values = {"id": message_id, "kind": kind, "key_id": sealed[0], "sealed": sealed[1], "now": now}
    return (await tx.execute(INSERT_ONCE, values)).rowcount == 1


async def kind_of(tx: Connection, message_id: str) -> str:
    """The kind of a message that is there."""
    [(kind,)] = await (await tx.execute(SELECT_KIND, {"id": message_id})).fetchall()
    return str(kind)


async def take_due(connection: Connection, now: datetime, again_at: datetime, limit: int) -> list[Sealed]:
    """Take some that are due; whatever becomes of us, they are due again at `again_at` unless it is noted."""
    cursor = connection.cursor(row_factory=class_row(Sealed))
    return await (await cursor.execute(TAKE_DUE, {"now": now, "again_at": again_at, "limit": limit})).fetchall()


async def end(connection: Connection, message_id: str, state: DeliveryState, detail: str, now: datetime) -> None:
    """Note what became of it, and forget what was in it."""
    await connection.execute(END, {"id": message_id, "state": state, "detail": detail, "now": now})


async def try_again(connection: Connection, message_id: str, detail: str, at: datetime) -> None:
    await connection.execute(TRY_AGAIN, {"id": message_id, "detail": detail, "at": at})


async def count_waiting(connection: Connection) -> int:
    [(count,)] = await (await connection.execute(COUNT_WAITING)).fetchall()
    return int(count)


async def delete_before(connection: Connection, before: datetime) -> None:
    await connection.execute(DELETE_BEFORE, {"before": before})
