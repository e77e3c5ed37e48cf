"""SQL of issuers."""

from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.client.permissions import Role
from fogbank.accounts.oidc.model import Issuer
from fogbank.runtime.database import Connection

ISSUERS = """
    SELECT id, name, url, client_id, key_id, sealed, domains, admits_unknown, org_id, role, scopes, created_at
    FROM accounts.issuers
"""
BY_ID = ISSUERS + " WHERE id = %(id)s"
LOCKED = BY_ID + " FOR UPDATE"
ALL = ISSUERS + " ORDER BY lower(name), id"
INSERT_ONCE = """
    INSERT INTO accounts.issuers (id, name, url, client_id, key_id, sealed, domains, admits_unknown, org_id,
        role, scopes, created_at)
    VALUES (%(id)s, %(name)s, %(url)s, %(client_id)s, %(key_id)s, %(sealed)s, %(domains)s, %(admits_unknown)s,
        %(org_id)s, %(role)s, %(scopes)s, %(created_at)s)
    ON CONFLICT (url, client_id) DO NOTHING
"""
UPDATE = """
    UPDATE accounts.issuers SET name = %(name)s, key_id = %(key_id)s, sealed = %(sealed)s, domains = %(domains)s,
        admits_unknown = %(admits_unknown)s, org_id = %(org_id)s, role = %(role)s, scopes = %(scopes)s
    WHERE id = %(id)s
"""
END_SESSIONS = """
    DELETE FROM accounts.sessions WHERE method = 'oidc' AND user_id IN (
        SELECT user_id FROM accounts.issuer_links WHERE issuer_id = %(id)s
    )
    RETURNING id
"""
DELETE = "DELETE FROM accounts.issuers WHERE id = %(id)s"


def _issuer(**row: Any) -> Issuer:
    role = None if row["role"] is None else Role(row["role"])
    return Issuer(**{**row, "domains": tuple(row["domains"]), "scopes": tuple(row["scopes"]), "role": role})


def _facts(issuer: Issuer) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(issuer, name) for name in Issuer.__slots__}
    return {**facts, "domains": list(issuer.domains), "scopes": list(issuer.scopes)}


async def issuer(tx: Connection, issuer_id: str, *, is_locked: bool = False) -> Issuer | None:
    """The issuer; locked, so that changes of it come one after the other."""
    cursor = tx.cursor(row_factory=kwargs_row(_issuer))
    return await (await cursor.execute(LOCKED if is_locked else BY_ID, {"id": issuer_id})).fetchone()


async def issuers(tx: Connection) -> list[Issuer]:
    """All of them, by name: an operator has a handful."""
    cursor = tx.cursor(row_factory=kwargs_row(_issuer))
    return await (await cursor.execute(ALL)).fetchall()


async def insert_once(tx: Connection, issuer: Issuer) -> bool:
    """Whether it was inserted: not when there is one of its URL and client id."""
    return (await tx.execute(INSERT_ONCE, _facts(issuer))).rowcount == 1


async def update(tx: Connection, issuer: Issuer) -> None:
    """All of it but its URL, its client id and its beginning."""
    await tx.execute(UPDATE, _facts(issuer))


async def end_sessions(tx: Connection, issuer_id: str) -> list[str]:
    """End those that were opened by an issuer, of whom came by this one; their ids."""
    rows = await (await tx.execute(END_SESSIONS, {"id": issuer_id})).fetchall()
    return [str(row[0]) for row in rows]


async def delete(tx: Connection, issuer_id: str) -> None:
    """With every link to it: nobody signs in by it any more."""
    await tx.execute(DELETE, {"id": issuer_id})
