"""SQL of organisations and memberships."""

from collections.abc import Sequence
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.model import Membership, Organization, Role, Status
from fogbank.runtime.database import Connection

ROLES_OF_USER = "SELECT org_id, role FROM accounts.memberships WHERE user_id = %(user_id)s"

INSERT_ORGANIZATION = """
    INSERT INTO accounts.organizations (id, name, status, created_at)
    VALUES (%(id)s, %(name)s, %(status)s, %(created_at)s)
"""
ORGANIZATION_COLUMNS = "SELECT id, name, status, created_at FROM accounts.organizations"
ORGANIZATION_BY_ID = ORGANIZATION_COLUMNS + " WHERE id = %(id)s"
ORGANIZATION_LOCKED = ORGANIZATION_BY_ID + " FOR UPDATE"
ORGANIZATIONS_BY_IDS = ORGANIZATION_COLUMNS + " WHERE id = ANY(%(ids)s) ORDER BY id"
ORGANIZATIONS_AFTER = ORGANIZATION_COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
UPDATE_ORGANIZATION = "UPDATE accounts.organizations SET name = %(name)s, status = %(status)s WHERE id = %(id)s"
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


async def roles_of(tx: Connection, user_id: str) -> dict[str, Role]:
    """The user's role in each of their organisations."""
    rows = await (await tx.execute(ROLES_OF_USER, {"user_id": user_id})).fetchall()
    return {org_id: Role(role) for org_id, role in rows}


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
    facts = {"id": organization.id, "name": organization.name, "status": organization.status}
    await tx.execute(UPDATE_ORGANIZATION, facts)


async def first_organization_owned(tx: Connection, user_id: str) -> str | None:
    row = await (await tx.execute(FIRST_ORGANIZATION_OWNED, {"user_id": user_id})).fetchone()
    return None if row is None else str(row[0])


async def members(tx: Connection, org_id: str) -> list[Membership]:
    cursor = tx.cursor(row_factory=kwargs_row(_membership))
    return await (await cursor.execute(MEMBERS, {"org_id": org_id})).fetchall()


async def set_membership(tx: Connection, membership: Membership) -> None:
    await tx.execute(SET_MEMBERSHIP, {name: getattr(membership, name) for name in Membership.__slots__})


async def delete_membership(tx: Connection, org_id: str, user_id: str) -> None:
    await tx.execute(DELETE_MEMBERSHIP, {"org_id": org_id, "user_id": user_id})
