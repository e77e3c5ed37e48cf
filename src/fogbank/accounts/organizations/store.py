"""SQL of organisations and memberships."""

from collections.abc import Collection, Sequence
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.client.permissions import role_while
from fogbank.accounts.model import Membership, Organization, Role, Status
from fogbank.accounts.organizations.model import Belonging
from fogbank.runtime.database import Connection

BELONGINGS = """
    SELECT org_id, name, role, status, requires_second_factor
    FROM accounts.memberships JOIN accounts.organizations ON organizations.id = org_id
    WHERE user_id = %(user_id)s ORDER BY org_id
"""
WITH_SECOND_FACTOR = """
    SELECT user_id FROM accounts.totp_seeds WHERE is_confirmed AND user_id = ANY(%(user_ids)s)
    UNION SELECT user_id FROM accounts.passkeys WHERE user_id = ANY(%(user_ids)s)
"""

INSERT_ORGANIZATION = """
    INSERT INTO accounts.organizations (id, name, status, created_at, requires_second_factor)
    VALUES (%(id)s, %(name)s, %(status)s, %(created_at)s, %(requires_second_factor)s)
"""
ORGANIZATION_COLUMNS = "SELECT id, name, status, created_at, requires_second_factor FROM accounts.organizations"
ORGANIZATION_BY_ID = ORGANIZATION_COLUMNS + " WHERE id = %(id)s"
ORGANIZATION_LOCKED = ORGANIZATION_BY_ID + " FOR UPDATE"
ORGANIZATIONS_BY_IDS = ORGANIZATION_COLUMNS + " WHERE id = ANY(%(ids)s) ORDER BY id"
ORGANIZATIONS_AFTER = ORGANIZATION_COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
UPDATE_ORGANIZATION = """
    UPDATE accounts.organizations
    SET name = %(name)s, status = %(status)s, requires_second_factor = %(requires_second_factor)s
    WHERE id = %(id)s
"""
FIRST_ORGANIZATION_OWNED = """
    SELECT org_id FROM accounts.memberships WHERE user_id = %(user_id)s AND role = 'owner'
    ORDER BY created_at, org_id LIMIT 1
"""

MEMBERS = """
    SELECT org_id, user_id, role, created_at FROM accounts.memberships WHERE org_id = %(org_id)s ORDER BY user_id
"""
SET_MEMBERSHIP = """
    INSERT INTO accounts.memberships (org_id, user_id, role, created_at)
    VALUES (%(org_id)s, %(user_id)s, %(role)s, %(created_at)s)
    ON CONFLICT (org_id, user_id) DO UPDATE SET role = excluded.role
"""
DELETE_MEMBERSHIP = "DELETE FROM accounts.memberships WHERE org_id = %(org_id)s AND user_id = %(user_id)s"


def _organization(**row: Any) -> Organization:
    return Organization(**{**row, "status": Status(row["status"])})


def _membership(**row: Any) -> Membership:
    return Membership(**{**row, "role": Role(row["role"])})


def _belonging(**row: Any) -> Belonging:
    return Belonging(**{**row, "role": Role(row["role"]), "status": Status(row["status"])})


async def belongings_of(tx: Connection, user_id: str) -> list[Belonging]:
    """What somebody is in each of their organisations, closed ones included, by id."""
    cursor = tx.cursor(row_factory=kwargs_row(_belonging))
    return await (await cursor.execute(BELONGINGS, {"user_id": user_id})).fetchall()


async def roles_of(tx: Connection, user_id: str) -> dict[str, Role]:
    """The user's role in each of their organisations, except where it no longer counts because that is closed."""
    belongings = await belongings_of(tx, user_id)
    return {each.org_id: each.role for each in belongings if role_while(each.role, each.status) is not None}


async def with_second_factor(tx: Connection, user_ids: Collection[str]) -> set[str]:
    """Those of them who have a second factor: a one-time code's seed that they confirmed, or a passkey."""
    rows = await (await tx.execute(WITH_SECOND_FACTOR, {"user_ids": list(user_ids)})).fetchall()
    return {user_id for (user_id,) in rows}


async def insert_organization(tx: Connection, organization: Organization) -> None:
    await tx.execute(INSERT_ORGANIZATION, {name: getattr(organization, name) for name in Organization.__slots__})


async def organization(tx: Connection, org_id: str, *, is_locked: bool = False) -> Organization | None:
    """The organisation; locked, so that changes of its members come one after the other."""
    cursor = tx.cursor(row_factory=kwargs_row(_organization))
    return await (
        await cursor.execute(ORGANIZATION_LOCKED if is_locked else ORGANIZATION_BY_ID, {"id": org_id})
    ).fetchone()


async def organizations_by_ids(tx: Connection, ids: Sequence[str]) -> list[Organization]:
    cursor = tx.cursor(row_factory=kwargs_row(_organization))
    return await (await cursor.execute(ORGANIZATIONS_BY_IDS, {"ids": list(ids)})).fetchall()


async def organizations_after(tx: Connection, after: str, limit: int) -> list[Organization]:
    cursor = tx.cursor(row_factory=kwargs_row(_organization))
    return await (await cursor.execute(ORGANIZATIONS_AFTER, {"after": after, "limit": limit})).fetchall()


async def update_organization(tx: Connection, organization: Organization) -> None:
    await tx.execute(UPDATE_ORGANIZATION, {name: getattr(organization, name) for name in Organization.__slots__})


async def first_organization_owned(tx: Connection, user_id: str) -> str | None:
    row = await (await tx.execute(FIRST_ORGANIZATION_OWNED, {"user_id": user_id})).fetchone()
    return None if row is None else str(row[0])


async def members(tx: Connection, org_id: str) -> list[Membership]:
    cursor = tx.cursor(row_factory=kwargs_row(_membership))
    return await (await cursor.execute(MEMBERS, {"org_id": org_id})).fetchall()


async def roles_in(tx: Connection, org_id: str) -> dict[str, Role]:
    """Everybody's role in an organisation."""
    return {membership.user_id: membership.role for membership in await members(tx, org_id)}


async def set_membership(tx: Connection, membership: Membership) -> None:
    await tx.execute(SET_MEMBERSHIP, {name: getattr(membership, name) for name in Membership.__slots__})


async def delete_membership(tx: Connection, org_id: str, user_id: str) -> None:
    await tx.execute(DELETE_MEMBERSHIP, {"org_id": org_id, "user_id": user_id})
