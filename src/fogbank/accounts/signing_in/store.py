"""SQL of sessions and one-time sign-in links."""

from datetime import datetime

from fogbank.runtime.database import Connection

INSERT_SESSION = """
    INSERT INTO accounts.sessions (secret_sha256, user_id, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(created_at)s, %(expires_at)s)
"""
USER_OF_SESSION = "SELECT user_id FROM accounts.sessions WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s"
DELETE_SESSION = "DELETE FROM accounts.sessions WHERE secret_sha256 = %(digest)s"
DELETE_SESSIONS_OF_USER = "DELETE FROM accounts.sessions WHERE user_id = %(user_id)s"
DELETE_EXPIRED_SESSIONS = "DELETE FROM accounts.sessions WHERE expires_at <= %(now)s"

INSERT_LINK = """
    INSERT INTO accounts.sign_in_links (secret_sha256, user_id, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(created_at)s, %(expires_at)s)
"""
USE_LINK_ONCE = """
    UPDATE accounts.sign_in_links SET used_at = %(now)s
    WHERE secret_sha256 = %(digest)s AND used_at IS NULL AND expires_at > %(now)s
    RETURNING user_id
"""
DELETE_SPENT_LINKS = "DELETE FROM accounts.sign_in_links WHERE expires_at <= %(now)s OR used_at IS NOT NULL"


async def insert_session(
    tx: Connection, digest: bytes, user_id: str, created_at: datetime, expires_at: datetime
) -> None:
    facts = {"digest": digest, "user_id": user_id, "created_at": created_at, "expires_at": expires_at}
    await tx.execute(INSERT_SESSION, facts)


async def user_of_session(tx: Connection, digest: bytes, now: datetime) -> str | None:
    row = await (await tx.execute(USER_OF_SESSION, {"digest": digest, "now": now})).fetchone()
    return None if row is None else str(row[0])


async def delete_session(tx: Connection, digest: bytes) -> None:
    await tx.execute(DELETE_SESSION, {"digest": digest})


async def delete_sessions_of(tx: Connection, user_id: str) -> None:
    await tx.execute(DELETE_SESSIONS_OF_USER, {"user_id": user_id})


async def insert_link(tx: Connection, digest: bytes, user_id: str, created_at: datetime, expires_at: datetime) -> None:
    facts = {"digest": digest, "user_id": user_id, "created_at": created_at, "expires_at": expires_at}
    await tx.execute(INSERT_LINK, facts)


async def use_link_once(tx: Connection, digest: bytes, now: datetime) -> str | None:
    """Whose link it is, the first time; None when it was used, has ended or never was."""
    row = await (await tx.execute(USE_LINK_ONCE, {"digest": digest, "now": now})).fetchone()
    return None if row is None else str(row[0])


async def delete_ended(tx: Connection, now: datetime) -> int:
    """Delete sessions and links that nobody can use any more; how many."""
    sessions = await tx.execute(DELETE_EXPIRED_SESSIONS, {"now": now})
    links = await tx.execute(DELETE_SPENT_LINKS, {"now": now})
    return sessions.rowcount + links.rowcount
