"""SQL of users, and of payers: users and organisations alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.rows import kwargs_row

from fogbank.accounts.model import Account, AccountKind, Status, User
from fogbank.runtime.database import Connection

INSERT_USER = """
    INSERT INTO accounts.users (id, email, name, password_hash, is_administrator, status, created_at,
        email_confirmed_at, password_chosen_at)
    VALUES (%(id)s, %(email)s, %(name)s, %(password_hash)s, %(is_administrator)s, %(status)s, %(created_at)s,
        %(email_confirmed_at)s, %(password_chosen_at)s)
    ON CONFLICT DO NOTHING
"""
USER_COLUMNS = """
    SELECT id, email, name, is_administrator, status, created_at, password_hash, email_confirmed_at, password_chosen_at
    FROM accounts.users
"""
USER_BY_ID = USER_COLUMNS + " WHERE id = %(id)s"
USER_BY_EMAIL = USER_COLUMNS + " WHERE lower(email) = lower(%(email)s)"
LOCK_USER = "SELECT FROM accounts.users WHERE id = %(id)s FOR UPDATE"
USERS_AFTER = USER_COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
UPDATE_USER = """
    UPDATE accounts.users SET name = %(name)s, is_administrator = %(is_administrator)s WHERE id = %(id)s
"""
SET_HASH = """
    UPDATE accounts.users SET password_hash = %(password_hash)s, password_chosen_at = %(chosen_at)s WHERE id = %(id)s
"""
RENEW_HASH = "UPDATE accounts.users SET password_hash = %(password_hash)s WHERE id = %(id)s"
CONFIRM_EMAIL = "UPDATE accounts.users SET email_confirmed_at = %(at)s WHERE id = %(id)s"
SET_EMAIL_ONCE = """
    UPDATE accounts.users SET email = %(email)s, email_confirmed_at = %(at)s
    WHERE id = %(id)s AND NOT EXISTS (
        SELECT FROM accounts.users WHERE lower(email) = lower(%(email)s) AND id <> %(id)s)
"""
USERS_BY_IDS = USER_COLUMNS + " WHERE id = ANY(%(ids)s)"
ACCOUNT = """
    SELECT id, 'user' AS kind, name, status, created_at FROM accounts.users WHERE id = %(id)s
    UNION ALL
    SELECT id, 'organization', name, status, created_at FROM accounts.organizations WHERE id = %(id)s
"""


def _user(**row: Any) -> User:
    return User(**{**row, "status": Status(row["status"])})


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
    """Its name, and whether it administers; its standing is set elsewhere."""
    facts = {"id": user.id, "name": user.name, "is_administrator": user.is_administrator}
    await tx.execute(UPDATE_USER, facts)


async def set_password(tx: Connection, user_id: str, password_hash: str, chosen_at: datetime | None) -> None:
    """Set it; `chosen_at` where the person chose it, None where somebody else did."""
    facts = {"id": user_id, "password_hash": password_hash, "chosen_at": chosen_at}
    await tx.execute(SET_HASH, facts)


async def forget_password(tx: Connection, user_id: str) -> None:
    """Let no password open the account until there is a new one."""
    await tx.execute(SET_HASH, {"id": user_id, "password_hash": None, "chosen_at": None})


async def renew_hash(tx: Connection, user_id: str, password_hash: str) -> None:
    """Keep the same password under another hash."""
    await tx.execute(RENEW_HASH, {"id": user_id, "password_hash": password_hash})


async def confirm_email(tx: Connection, user_id: str, at: datetime) -> None:
    await tx.execute(CONFIRM_EMAIL, {"id": user_id, "at": at})


async def set_email_once(tx: Connection, user_id: str, email: str, confirmed_at: datetime | None) -> bool:
    """Whether it was set: not where another user has it, also one who comes to have it at the same time."""
    try:
        async with tx.transaction():
            facts = {"id": user_id, "email": email, "at": confirmed_at}
            return (await tx.execute(SET_EMAIL_ONCE, facts)).rowcount == 1
    except UniqueViolation:
        return False


async def account(tx: Connection, account_id: str) -> Account | None:
    cursor = tx.cursor(row_factory=kwargs_row(_account))
    return await (await cursor.execute(ACCOUNT, {"id": account_id})).fetchone()
