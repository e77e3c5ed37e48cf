"""SQL of users, organisations and memberships."""

from collections.abc import Sequence
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.model import Account, AccountKind, Membership, Organization, Role, Status, User
from fogbank.runtime.database import Connection

INSERT_USER = """
    INSERT INTO accounts.users (id, email, name, password_hash, is_administrator, status, created_at)
    VALUES (%(id)s, %(email)s, %(name)s, %(password_hash)s, %(is_administrator)s, %(status)s, %(created_at)s)
    ON CONFLICT DO NOTHING
"""
USER_COLUMNS = "SELECT id, email, name, is_administrator, status, created_at, password_hash FROM accounts.users"
USER_BY_ID = USER_COLUMNS + " WHERE id = %(id)s"
USER_BY_EMAIL = USER_COLUMNS + " WHERE lower(email) = lower(%(email)s)"
LOCK_USER = "SELECT FROM accounts.users WHERE id = %(id)s FOR UPDATE"
USERS_AFTER = USER_COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
UPDATE_USER = """
    UPDATE accounts.users SET name = %(name)s, status = %(status)s, is_administrator = %(is_administrator)s
    WHERE id = %(id)s
"""
SET_HASH = "UPDATE accounts.users SET password_hash = %(password_hash)s WHERE id = %(id)s"
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
USERS_BY_IDS = USER_COLUMNS + " WHERE id = ANY(%(ids)s)"
SET_MEMBERSHIP = """
    INSERT INTO accounts.memberships (org_id, user_id, role, created_at)
    VALUES (%(org_id)s, %(user_id)s, %(role)s, %(created_at)s)
    ON CONFLICT (org_id, user_id) DO UPDATE SET role = excluded.role
"""
DELETE_MEMBERSHIP = "DELETE FROM accounts.memberships WHERE org_id = %(org_id)s AND user_id = %(user_id)s"

ACCOUNT = """
    SELECT id, 'user' AS kind, name, status, created_at FROM accounts.users WHERE id = %(id)s
    UNION ALL
    SELECT id, 'organization', name, status, created_at FROM accounts.organizations WHERE id = %(id)s
"""


def _user(**row: Any) -> User:
    return User(**{**row, "status": Status(row["status"])})


def _organization(**row: Any) -> Organization:
    return Organization(**{**row, "status": Status(row["status"])})


def _membership(**row: Any) -> Membership:
    return Membership(**{**row, "role": Role(row["role"])})


def _account(**row: Any) -> Account:
    return Account(**{**row, "kind": AccountKind(row["kind"]), "status": Status(row["status"])})


async def insert_user_once(tx: Connection, user: User) -> bool:
    """Whether it was inserted: not when the id or the address is taken."""
    facts = {name: getattr(user, name) for name in User.__slots__}
    return (await tx.execute(INSERT_USER, facts)).rowcount == 1


async def user(tx: Connection, user_id: str) -> User | None:
    cursor = tx.cursor(row_factory=kwargs_row(_user))
    return await (await cursor.execute(USER_BY_ID, {"id": user_id})).fetchone()


async def user_by_email(tx: Connection, email: str) -> User | None:
    cursor = tx.cursor(row_factory=kwargs_row(_user))
    return await (await cursor.execute(USER_BY_EMAIL, {"email": email})).fetchone()


async def lock_user(tx: Connection, user_id: str) -> None:
    """Let others who lock this user wait until the transaction ends."""
    await tx.execute(LOCK_USER, {"id": user_id})


async def users_after(tx: Connection, after: str, limit: int) -> list[User]:
    cursor = tx.cursor(row_factory=kwargs_row(_user))
    return await (await cursor.execute(USERS_AFTER, {"after": after, "limit": limit})).fetchall()


async def users_by_ids(tx: Connection, ids: Sequence[str]) -> dict[str, User]:
    cursor = tx.cursor(row_factory=kwargs_row(_user))
    return {user.id: user for user in await (await cursor.execute(USERS_BY_IDS, {"ids": list(ids)})).fetchall()}


async def update_user(tx: Connection, user: User) -> None:
    facts = {"id": user.id, "name": user.name, "status": user.status, "is_administrator": user.is_administrator}
    await tx.execute(UPDATE_USER, facts)


async def set_password(tx: Connection, user_id: str, password_hash: str) -> None:
    await tx.execute(SET_HASH, {"id": user_id, "password_hash": password_hash})


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


async def account(tx: Connection, account_id: str) -> Account | None:
    cursor = tx.cursor(row_factory=kwargs_row(_account))
    return await (await cursor.execute(ACCOUNT, {"id": account_id})).fetchone()
