"""SQL of API keys."""

from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.model import ApiKey
from fogbank.runtime.database import Connection

INSERT_KEY = """
    INSERT INTO accounts.api_keys (id, user_id, name, secret_sha256, last_four, scopes, created_at, expires_at)
    VALUES (%(id)s, %(user_id)s, %(name)s, %(digest)s, %(last_four)s, %(scopes)s, %(created_at)s, %(expires_at)s)
"""
KEY_COLUMNS = """
    SELECT id, user_id, name, last_four, scopes, created_at, expires_at, revoked_at, last_used_at
    FROM accounts.api_keys
"""
KEY_BY_ID = KEY_COLUMNS + " WHERE id = %(id)s"
KEYS_OF_USER = KEY_COLUMNS + " WHERE user_id = %(user_id)s ORDER BY created_at DESC, id"
GOOD_KEY = (
    KEY_COLUMNS
    + " WHERE secret_sha256 = %(digest)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)"
)
REVOKE_KEY = "UPDATE accounts.api_keys SET revoked_at = coalesce(revoked_at, %(now)s) WHERE id = %(id)s"
TOUCH_KEY = "UPDATE accounts.api_keys SET last_used_at = %(now)s WHERE id = %(id)s"

LAST_USED_PRECISION = timedelta(minutes=1)
"""A busy key is written once a minute, not once a request."""


def _key(**row: Any) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(row["scopes"])})


async def insert_key(tx: Connection, key: ApiKey, digest: bytes) -> None:
    facts = {name: getattr(key, name) for name in ApiKey.__slots__}
    await tx.execute(INSERT_KEY, {**facts, "scopes": sorted(key.scopes), "digest": digest})


async def key(tx: Connection, key_id: str) -> ApiKey | None:
    cursor = tx.cursor(row_factory=kwargs_row(_key))
    return await (await cursor.execute(KEY_BY_ID, {"id": key_id})).fetchone()


async def keys_of(tx: Connection, user_id: str) -> list[ApiKey]:
    cursor = tx.cursor(row_factory=kwargs_row(_key))
    return await (await cursor.execute(KEYS_OF_USER, {"user_id": user_id})).fetchall()


async def good_key(tx: Connection, digest: bytes, now: datetime) -> ApiKey | None:
    """The key with this secret, when it is neither revoked nor expired."""
    cursor = tx.cursor(row_factory=kwargs_row(_key))
    return await (await cursor.execute(GOOD_KEY, {"digest": digest, "now": now})).fetchone()


async def revoke_key_once(tx: Connection, key_id: str, now: datetime) -> None:
    await tx.execute(REVOKE_KEY, {"id": key_id, "now": now})


async def touch_key(tx: Connection, key: ApiKey, now: datetime) -> None:
    """Note when it was last used, to the minute."""
    if key.last_used_at is None or now - key.last_used_at >= LAST_USED_PRECISION:
        await tx.execute(TOUCH_KEY, {"id": key.id, "now": now})
