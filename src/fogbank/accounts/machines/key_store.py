"""SQL of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.machines.model import ApiKey, GoodKey
from fogbank.runtime.credentials.key_uses import KeyUse
from fogbank.runtime.database import Connection

COLUMNS = """
    api_keys.id, user_id, service_account_id, name, scopes, networks, api_keys.created_at, expires_at, revoked_at,
    last_used_at, last_used_address
"""
INSERT_KEY = """
    INSERT INTO accounts.api_keys
        (id, user_id, service_account_id, name, scopes, networks, created_at, expires_at)
    VALUES (%(id)s, %(user_id)s, %(service_account_id)s, %(name)s, %(scopes)s, %(networks)s, %(created_at)s,
        %(expires_at)s)
"""
KEY_BY_ID = f"SELECT {COLUMNS} FROM accounts.api_keys WHERE id = %(id)s"  # noqa: S608
KEY_LOCKED = KEY_BY_ID + " FOR UPDATE"
KEYS_OF = f"""
    SELECT {COLUMNS} FROM accounts.api_keys
    WHERE (user_id = %(owner_id)s OR service_account_id = %(owner_id)s) AND id > %(after)s ORDER BY id LIMIT %(limit)s
"""  # noqa: S608
KEY_IDS_OF_SERVICE_ACCOUNT = "SELECT id FROM accounts.api_keys WHERE service_account_id = %(id)s"
GOOD_KEY = f"""
    SELECT {COLUMNS}, ends_at FROM accounts.machine_secrets JOIN accounts.api_keys ON api_keys.id = owner_id
    WHERE secret_sha256 = %(digest)s AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > %(now)s) AND (ends_at IS NULL OR ends_at > %(now)s)
"""  # noqa: S608
RENAME_KEY = "UPDATE accounts.api_keys SET name = %(name)s WHERE id = %(id)s"
REVOKE_KEY = "UPDATE accounts.api_keys SET revoked_at = %(now)s WHERE id = %(id)s AND revoked_at IS NULL"
WRITE_USES = """
    UPDATE accounts.api_keys SET last_used_at = at, last_used_address = nullif(address, '')
    FROM unnest(%(ids)s::text[], %(ats)s::timestamptz[], %(addresses)s::text[]) AS used (key_id, at, address)
    WHERE id = key_id AND (last_used_at IS NULL OR last_used_at < at)
"""


def _key(**row: Any) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(row["scopes"]), "networks": tuple(row["networks"])})


def _good_key(ends_at: datetime | None, **row: Any) -> GoodKey:
    return GoodKey(_key(**row), ends_at)


async def insert_key(tx: Connection, key: ApiKey) -> None:
    facts = {name: getattr(key, name) for name in ApiKey.__slots__}
    await tx.execute(INSERT_KEY, {**facts, "scopes": sorted(key.scopes), "networks": list(key.networks)})


async def key(tx: Connection, key_id: str, *, is_locked: bool = False) -> ApiKey | None:
    """The key; locked, so that changes of it come one after the other."""
    cursor = tx.cursor(row_factory=kwargs_row(_key))
    return await (await cursor.execute(KEY_LOCKED if is_locked else KEY_BY_ID, {"id": key_id})).fetchone()


async def keys_of(tx: Connection, owner_id: str, after: str, limit: int) -> list[ApiKey]:
    """The keys of a person or of a service account, by id."""
    cursor = tx.cursor(row_factory=kwargs_row(_key))
    return await (await cursor.execute(KEYS_OF, {"owner_id": owner_id, "after": after, "limit": limit})).fetchall()


async def key_ids_of_service_account(tx: Connection, account_id: str) -> list[str]:
    rows = await (await tx.execute(KEY_IDS_OF_SERVICE_ACCOUNT, {"id": account_id})).fetchall()
    return [key_id for (key_id,) in rows]


async def good_key(tx: Connection, digest: bytes, now: datetime) -> GoodKey | None:
    """The key with this secret, when neither of them is revoked or has ended."""
    cursor = tx.cursor(row_factory=kwargs_row(_good_key))
    return await (await cursor.execute(GOOD_KEY, {"digest": digest, "now": now})).fetchone()


async def rename_key(tx: Connection, key_id: str, name: str) -> None:
    await tx.execute(RENAME_KEY, {"id": key_id, "name": name})


async def revoke_key_once(tx: Connection, key_id: str, now: datetime) -> bool:
    """Whether it was revoked by this."""
    return (await tx.execute(REVOKE_KEY, {"id": key_id, "now": now})).rowcount == 1


async def write_uses(tx: Connection, uses: Sequence[KeyUse]) -> None:
    """Note when keys were last used, unless a later use is noted."""
    ordered = sorted(uses, key=lambda use: use.key_id)
    facts = {
        "ids": [use.key_id for use in ordered],
        "ats": [use.at for use in ordered],
        "addresses": [use.address for use in ordered],
    }
    await tx.execute(WRITE_USES, facts)
