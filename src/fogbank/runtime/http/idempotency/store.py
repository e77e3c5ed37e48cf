"""SQL of idempotency keys."""

from dataclasses import asdict
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection
from fogbank.runtime.http.idempotency.model import Record

FIND = """
    SELECT id, caller_id, claim, claimed_at, is_answered, key_id, sealed FROM http.idempotency WHERE id = %s
"""
CLAIM = """
    INSERT INTO http.idempotency (id, caller_id, claim, claimed_at, is_answered, key_id, sealed)
    VALUES (%(id)s, %(caller_id)s, %(claim)s, %(claimed_at)s, %(is_answered)s, %(key_id)s, %(sealed)s)
    ON CONFLICT (id) DO NOTHING
"""
ANSWER = """
    INSERT INTO http.idempotency AS kept (id, caller_id, claim, claimed_at, is_answered, key_id, sealed)
    VALUES (%(id)s, %(caller_id)s, %(claim)s, %(claimed_at)s, %(is_answered)s, %(key_id)s, %(sealed)s)
    ON CONFLICT (id) DO UPDATE
    SET is_answered = excluded.is_answered, key_id = excluded.key_id, sealed = excluded.sealed
    WHERE kept.claim = excluded.claim
"""
RELEASE = "DELETE FROM http.idempotency WHERE id = %s AND claim = %s AND NOT is_answered"
FORGET = """
    DELETE FROM http.idempotency WHERE id IN (
        SELECT id FROM http.idempotency WHERE claimed_at < %s ORDER BY claimed_at LIMIT %s
    )
"""


async def find(connection: Connection, record_id: bytes) -> Record | None:
    cursor = connection.cursor(row_factory=class_row(Record))
    return await (await cursor.execute(FIND, [record_id])).fetchone()


async def claim(tx: Connection, record: Record) -> bool:
    """Whether the key is this request's now. Waits for a transaction that is just claiming it."""
    return (await tx.execute(CLAIM, asdict(record))).rowcount == 1


async def answer(connection: Connection, record: Record) -> None:
    """Keep an answer, unless another request has claimed the key."""
    await connection.execute(ANSWER, asdict(record))


async def release(connection: Connection, record: Record) -> None:
    """Free the key that this request has claimed."""
    await connection.execute(RELEASE, [record.id, record.claim])


async def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete what was claimed before then, at most `limit`; how many were."""
    return (await connection.execute(FORGET, [before, limit])).rowcount
