"""SQL of passkeys and their challenges."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.factors.model import Passkey
from fogbank.runtime.database import Connection

PASSKEYS = """
    SELECT id, user_id, name, credential_id, public_key, sign_count, transports, is_synced,
        created_at, last_used_at, regressed_at
    FROM accounts.passkeys
"""
OF_USER = PASSKEYS + " WHERE user_id = %(user_id)s ORDER BY created_at, id"
COUNT = "SELECT count(*) FROM accounts.passkeys WHERE user_id = %(user_id)s"
BY_CREDENTIAL = PASSKEYS + " WHERE credential_id = %(credential_id)s FOR UPDATE"
INSERT_ONCE = """
    INSERT INTO accounts.passkeys (id, user_id, name, credential_id, public_key, sign_count, transports, is_synced,
        created_at, last_used_at, regressed_at)
    VALUES (%(id)s, %(user_id)s, %(name)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(transports)s,
        %(is_synced)s, %(created_at)s, %(last_used_at)s, %(regressed_at)s)
    ON CONFLICT (credential_id) DO NOTHING
"""
RENAME = """
    UPDATE accounts.passkeys SET name = %(name)s WHERE id = %(id)s AND user_id = %(user_id)s
    RETURNING id, user_id, name, credential_id, public_key, sign_count, transports, is_synced,
        created_at, last_used_at, regressed_at
"""
DELETE = "DELETE FROM accounts.passkeys WHERE id = %(id)s AND user_id = %(user_id)s RETURNING name"
DELETE_ALL = "DELETE FROM accounts.passkeys WHERE user_id = %(user_id)s"
USED = "UPDATE accounts.passkeys SET sign_count = %(sign_count)s, last_used_at = %(now)s WHERE id = %(id)s"
REGRESSED = "UPDATE accounts.passkeys SET regressed_at = %(now)s WHERE id = %(id)s"

INSERT_CHALLENGE = """
    INSERT INTO accounts.passkey_challenges (challenge_sha256, user_id, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(expires_at)s)
"""
SPEND_CHALLENGE = """
    DELETE FROM accounts.passkey_challenges
    WHERE challenge_sha256 = %(digest)s AND user_id IS NOT DISTINCT FROM %(user_id)s
    RETURNING expires_at > %(now)s
"""
DELETE_ENDED_CHALLENGES = "DELETE FROM accounts.passkey_challenges WHERE expires_at <= %(now)s"


def digest_of(challenge: bytes) -> bytes:
    """What is stored of a challenge, and what it is found by."""
    return sha256(challenge).digest()


def _passkey(**row: Any) -> Passkey:
    return Passkey(**{**row, "transports": tuple(row["transports"])})


async def of_user(tx: Connection, user_id: str) -> list[Passkey]:
    """Their passkeys, the oldest first."""
    cursor = tx.cursor(row_factory=kwargs_row(_passkey))
    return await (await cursor.execute(OF_USER, {"user_id": user_id})).fetchall()


async def count(tx: Connection, user_id: str) -> int:
    [(found,)] = await (await tx.execute(COUNT, {"user_id": user_id})).fetchall()
    return int(found)


async def by_credential(tx: Connection, credential_id: bytes) -> Passkey | None:
    """The one whose holder shows this credential, locked until the transaction ends."""
    cursor = tx.cursor(row_factory=kwargs_row(_passkey))
    return await (await cursor.execute(BY_CREDENTIAL, {"credential_id": credential_id})).fetchone()


async def insert_once(tx: Connection, passkey: Passkey) -> bool:
    """Whether it was inserted: not when the credential is registered already, whoever's it is."""
    facts = {**asdict(passkey), "transports": list(passkey.transports)}
    return (await tx.execute(INSERT_ONCE, facts)).rowcount == 1


async def rename(tx: Connection, user_id: str, passkey_id: str, name: str) -> Passkey | None:
    cursor = tx.cursor(row_factory=kwargs_row(_passkey))
    facts = {"id": passkey_id, "user_id": user_id, "name": name}
    return await (await cursor.execute(RENAME, facts)).fetchone()


async def delete(tx: Connection, user_id: str, passkey_id: str) -> str | None:
    """The name of the one that was deleted; None when there was none."""
    row = await (await tx.execute(DELETE, {"id": passkey_id, "user_id": user_id})).fetchone()
    return None if row is None else str(row[0])


async def delete_all(tx: Connection, user_id: str) -> None:
    await tx.execute(DELETE_ALL, {"user_id": user_id})


async def used(tx: Connection, passkey_id: str, sign_count: int, now: datetime) -> None:
    await tx.execute(USED, {"id": passkey_id, "sign_count": sign_count, "now": now})


async def regressed(tx: Connection, passkey_id: str, now: datetime) -> None:
    await tx.execute(REGRESSED, {"id": passkey_id, "now": now})


async def insert_challenge(tx: Connection, digest: bytes, user_id: str | None, expires_at: datetime) -> None:
    """`user_id` is whose passkey is to be registered; None for whoever signs in."""
    await tx.execute(INSERT_CHALLENGE, {"digest": digest, "user_id": user_id, "expires_at": expires_at})


async def spend_challenge(tx: Connection, digest: bytes, user_id: str | None, now: datetime) -> bool:
    """Whether it was given out, to them, lately, and not spent before."""
    row = await (await tx.execute(SPEND_CHALLENGE, {"digest": digest, "user_id": user_id, "now": now})).fetchone()
    return row is not None and bool(row[0])


async def delete_ended_challenges(tx: Connection, now: datetime) -> None:
    await tx.execute(DELETE_ENDED_CHALLENGES, {"now": now})
