"""SQL of service accounts."""

from datetime import datetime
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.client.permissions import Role, Status
from fogbank.accounts.machines.model import GoodServiceAccount, ServiceAccount
from fogbank.runtime.database import Connection

COLUMNS = """
    service_accounts.id, org_id, service_accounts.name, role, scopes, created_by, service_accounts.created_at,
    revoked_at
"""
INSERT = """
    INSERT INTO accounts.service_accounts (id, org_id, name, role, scopes, created_by, created_at)
    VALUES (%(id)s, %(org_id)s, %(name)s, %(role)s, %(scopes)s, %(created_by)s, %(created_at)s)
"""
BY_ID = f"SELECT {COLUMNS} FROM accounts.service_accounts WHERE id = %(id)s"  # noqa: S608
LOCKED = BY_ID + " FOR UPDATE"
OF_ORGANIZATION = f"""
    SELECT {COLUMNS} FROM accounts.service_accounts
    WHERE org_id = %(org_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
"""  # noqa: S608
WITH_STANDING = f"""
    SELECT {COLUMNS}, status FROM accounts.service_accounts
    JOIN accounts.organizations ON organizations.id = org_id WHERE service_accounts.id = %(id)s
"""  # noqa: S608
BY_SECRET = f"""
    SELECT {COLUMNS}, status FROM accounts.machine_secrets
    JOIN accounts.service_accounts ON service_accounts.id = owner_id
    JOIN accounts.organizations ON organizations.id = org_id
    WHERE secret_sha256 = %(digest)s AND service_accounts.id = %(id)s AND (ends_at IS NULL OR ends_at > %(now)s)
"""  # noqa: S608
UPDATE = """
    UPDATE accounts.service_accounts SET name = %(name)s, role = %(role)s, scopes = %(scopes)s WHERE id = %(id)s
"""
REVOKE = "UPDATE accounts.service_accounts SET revoked_at = %(now)s WHERE id = %(id)s AND revoked_at IS NULL"


def _account(**row: Any) -> ServiceAccount:
    return ServiceAccount(**{**row, "role": Role(row["role"]), "scopes": frozenset(row["scopes"])})


def _good(status: str, **row: Any) -> GoodServiceAccount:
    return GoodServiceAccount(_account(**row), Status(status))


def _facts(account: ServiceAccount) -> dict[str, Any]:
    return {**{name: getattr(account, name) for name in ServiceAccount.__slots__}, "scopes": sorted(account.scopes)}


async def insert(tx: Connection, account: ServiceAccount) -> None:
    await tx.execute(INSERT, _facts(account))


async def account(tx: Connection, account_id: str, *, is_locked: bool = False) -> ServiceAccount | None:
    """The service account; locked, so that changes of it come one after the other."""
    cursor = tx.cursor(row_factory=kwargs_row(_account))
    return await (await cursor.execute(LOCKED if is_locked else BY_ID, {"id": account_id})).fetchone()


async def accounts_of(tx: Connection, org_id: str, after: str, limit: int) -> list[ServiceAccount]:
    """Those of an organisation, by id."""
    cursor = tx.cursor(row_factory=kwargs_row(_account))
    facts = {"org_id": org_id, "after": after, "limit": limit}
    return await (await cursor.execute(OF_ORGANIZATION, facts)).fetchall()


async def with_standing(tx: Connection, account_id: str) -> GoodServiceAccount | None:
    cursor = tx.cursor(row_factory=kwargs_row(_good))
    return await (await cursor.execute(WITH_STANDING, {"id": account_id})).fetchone()


async def by_secret(tx: Connection, account_id: str, digest: bytes, now: datetime) -> GoodServiceAccount | None:
    """The service account, when the secret is one of its own that has not ended."""
    cursor = tx.cursor(row_factory=kwargs_row(_good))
    return await (await cursor.execute(BY_SECRET, {"id": account_id, "digest": digest, "now": now})).fetchone()


async def update(tx: Connection, account: ServiceAccount) -> None:
    await tx.execute(UPDATE, _facts(account))


async def revoke_once(tx: Connection, account_id: str, now: datetime) -> bool:
    """Whether it was revoked by this."""
    return (await tx.execute(REVOKE, {"id": account_id, "now": now})).rowcount == 1
