"""SQL of sessions and one-time sign-in links."""

from datetime import datetime
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.signing_in.model import OpenSession, SessionMethod
from fogbank.runtime.database import Connection

INSERT_SESSION = """
    INSERT INTO accounts.sessions
        (secret_sha256, id, user_id, created_at, last_seen_at, expires_at, address, agent, method)
    VALUES (%(digest)s, %(id)s, %(user_id)s, %(created_at)s, %(last_seen_at)s, %(expires_at)s, %(address)s,
        %(agent)s, %(method)s)
"""
SESSION_COLUMNS = """
    SELECT id, user_id, created_at, last_seen_at, expires_at, address, agent, method FROM accounts.sessions
"""
SESSION = SESSION_COLUMNS + " WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s"
SESSION_BY_ID = SESSION_COLUMNS + " WHERE id = %(id)s AND expires_at > %(now)s"
SESSIONS_OF_USER = (
    SESSION_COLUMNS
    + """
    WHERE user_id = %(user_id)s AND expires_at > %(now)s
    ORDER BY last_seen_at DESC, id LIMIT %(limit)s
"""
)
SEEN = """
    UPDATE accounts.sessions SET last_seen_at = %(seen_at)s, expires_at = %(expires_at)s
    WHERE id = %(id)s AND last_seen_at < %(seen_at)s
"""
DELETE_SESSION = "DELETE FROM accounts.sessions WHERE secret_sha256 = %(digest)s RETURNING id, user_id"
DELETE_SESSION_OF = "DELETE FROM accounts.sessions WHERE id = %(id)s AND user_id = %(user_id)s RETURNING id"
DELETE_SESSIONS_BUT = "DELETE FROM accounts.sessions WHERE user_id = %(user_id)s AND id <> %(kept)s RETURNING id"
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
DELETE_LINKS_OF_USER = "DELETE FROM accounts.sign_in_links WHERE user_id = %(user_id)s"
DELETE_SPENT_LINKS = "DELETE FROM accounts.sign_in_links WHERE expires_at <= %(now)s OR used_at IS NOT NULL"


def _session(**row: Any) -> OpenSession:
    return OpenSession(**{**row, "method": SessionMethod(row["method"])})


async def insert_session(tx: Connection, digest: bytes, session: OpenSession) -> None:
    facts = {name: getattr(session, name) for name in OpenSession.__slots__}
    await tx.execute(INSERT_SESSION, {**facts, "digest": digest})


async def session(tx: Connection, digest: bytes, now: datetime) -> OpenSession | None:
    """The session of that token, while it lasts."""
    cursor = tx.cursor(row_factory=kwargs_row(_session))
    return await (await cursor.execute(SESSION, {"digest": digest, "now": now})).fetchone()


async def session_by_id(tx: Connection, session_id: str, now: datetime) -> OpenSession | None:
    cursor = tx.cursor(row_factory=kwargs_row(_session))
    return await (await cursor.execute(SESSION_BY_ID, {"id": session_id, "now": now})).fetchone()


async def sessions_of(tx: Connection, user_id: str, now: datetime, limit: int) -> list[OpenSession]:
    """Those that last, the one that was used last first."""
    cursor = tx.cursor(row_factory=kwargs_row(_session))
    facts = {"user_id": user_id, "now": now, "limit": limit}
    return await (await cursor.execute(SESSIONS_OF_USER, facts)).fetchall()


async def seen(tx: Connection, session_id: str, seen_at: datetime, expires_at: datetime) -> None:
    """Note that it was used, and until when it lasts now; nothing where that minute was noted before."""
    await tx.execute(SEEN, {"id": session_id, "seen_at": seen_at, "expires_at": expires_at})


async def delete_session(tx: Connection, digest: bytes) -> tuple[str, str] | None:
    """Its id and its user's, where there was one."""
    row = await (await tx.execute(DELETE_SESSION, {"digest": digest})).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


async def delete_session_of(tx: Connection, user_id: str, session_id: str) -> bool:
    """Whether the user had it."""
    return (await tx.execute(DELETE_SESSION_OF, {"user_id": user_id, "id": session_id})).rowcount == 1


async def delete_sessions_but(tx: Connection, user_id: str, kept: str = "") -> list[str]:
    """End all sessions of a user but one; their ids."""
    rows = await (await tx.execute(DELETE_SESSIONS_BUT, {"user_id": user_id, "kept": kept})).fetchall()
    return [str(row[0]) for row in rows]


async def delete_sessions_of(tx: Connection, user_id: str) -> list[str]:
    """End all of a user's; their ids."""
    return await delete_sessions_but(tx, user_id)


async def insert_link(tx: Connection, digest: bytes, user_id: str, created_at: datetime, expires_at: datetime) -> None:
    facts = {"digest": digest, "user_id": user_id, "created_at": created_at, "expires_at": expires_at}
    await tx.execute(INSERT_LINK, facts)


async def use_link_once(tx: Connection, digest: bytes, now: datetime) -> str | None:
    """Whose link it is, the first time; None when it was used, has ended or never was."""
    row = await (await tx.execute(USE_LINK_ONCE, {"digest": digest, "now": now})).fetchone()
    return None if row is None else str(row[0])


async def delete_links_of(tx: Connection, user_id: str) -> None:
    await tx.execute(DELETE_LINKS_OF_USER, {"user_id": user_id})


async def delete_ended(tx: Connection, now: datetime) -> int:
    """Delete sessions and links that nobody can use any more; how many."""
    sessions = await tx.execute(DELETE_EXPIRED_SESSIONS, {"now": now})
    links = await tx.execute(DELETE_SPENT_LINKS, {"now": now})
    return sessions.rowcount + links.rowcount
