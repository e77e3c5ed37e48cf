"""SQL of links from identities to accounts."""

from dataclasses import asdict
from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.oidc.model import Link
from fogbank.runtime.database import Connection

LINKS = "SELECT id, issuer_id, subject, user_id, email, created_at, last_used_at FROM accounts.issuer_links"
OF_IDENTITY = LINKS + " WHERE issuer_id = %(issuer_id)s AND subject = %(subject)s"
OF_USER = LINKS + " WHERE user_id = %(user_id)s ORDER BY created_at, id"
INSERT_ONCE = """
    INSERT INTO accounts.issuer_links (id, issuer_id, subject, user_id, email, created_at, last_used_at)
    VALUES (%(id)s, %(issuer_id)s, %(subject)s, %(user_id)s, %(email)s, %(created_at)s, %(last_used_at)s)
    ON CONFLICT (issuer_id, subject) DO NOTHING
"""
USED = "UPDATE accounts.issuer_links SET last_used_at = %(now)s WHERE id = %(id)s"
DELETE = "DELETE FROM accounts.issuer_links WHERE id = %(id)s AND user_id = %(user_id)s RETURNING issuer_id"
IS_INVITED = """
    SELECT EXISTS (
        SELECT FROM accounts.invitations
        WHERE lower(email) = lower(%(email)s) AND state = 'open' AND expires_at > %(now)s
    )
"""
CONFIRM_ADDRESS = "UPDATE accounts.users SET email_confirmed_at = %(now)s WHERE id = %(user_id)s"


async def of_identity(tx: Connection, issuer_id: str, subject: str) -> Link | None:
    cursor = tx.cursor(row_factory=class_row(Link))
    return await (await cursor.execute(OF_IDENTITY, {"issuer_id": issuer_id, "subject": subject})).fetchone()


async def of_user(tx: Connection, user_id: str) -> list[Link]:
    cursor = tx.cursor(row_factory=class_row(Link))
    return await (await cursor.execute(OF_USER, {"user_id": user_id})).fetchall()


async def insert_once(tx: Connection, link: Link) -> bool:
    """Whether it was inserted: not when the identity opens an account already."""
    return (await tx.execute(INSERT_ONCE, asdict(link))).rowcount == 1


async def used(tx: Connection, link_id: str, now: datetime) -> None:
    await tx.execute(USED, {"id": link_id, "now": now})


async def delete(tx: Connection, user_id: str, link_id: str) -> str | None:
    """The issuer of the link that was deleted; None when they have no such link."""
    row = await (await tx.execute(DELETE, {"id": link_id, "user_id": user_id})).fetchone()
    return None if row is None else str(row[0])


async def is_invited(tx: Connection, email: str, now: datetime) -> bool:
    """Whether an organisation waits for somebody of this address."""
    [(found,)] = await (await tx.execute(IS_INVITED, {"email": email, "now": now})).fetchall()
    return bool(found)


async def confirm_address(tx: Connection, user_id: str, now: datetime) -> None:
    """Note that the address of somebody new is theirs: the issuer has seen to it."""
    await tx.execute(CONFIRM_ADDRESS, {"user_id": user_id, "now": now})
