"""SQL of standings: the one that holds, every change, what is told of it, and what stands in the way of closing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.model import Account, AccountKind, Role, Status
from fogbank.accounts.organizations.standing.model import Funds, StandingChange
from fogbank.runtime.database import Connection

LOCKED = {
    AccountKind.USER: """
        SELECT id, 'user' AS kind, name, status, created_at FROM accounts.users WHERE id = %(id)s FOR UPDATE
    """,
    AccountKind.ORGANIZATION: """
        SELECT id, 'organization' AS kind, name, status, created_at FROM accounts.organizations WHERE id = %(id)s
        FOR UPDATE
    """,
}
UPDATE_STATUS = {
    AccountKind.USER: "UPDATE accounts.users SET status = %(status)s WHERE id = %(id)s",
    AccountKind.ORGANIZATION: "UPDATE accounts.organizations SET status = %(status)s WHERE id = %(id)s",
}

# Changes are numbered in the order in which they are committed, so that who follows them misses none.
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtextextended('accounts.standing_changes', 0))"
INSERT_CHANGE = """
    INSERT INTO accounts.standing_changes (change, account_id, kind, before, status, at, reason)
    VALUES (nextval('accounts.standing_change'), %(account_id)s, %(kind)s, %(before)s, %(status)s, %(at)s, %(reason)s)
    RETURNING change
"""
COLUMNS = "SELECT change, account_id, kind, before, status, at FROM accounts.standing_changes"
CHANGES_AFTER = COLUMNS + " WHERE change > %(after)s ORDER BY change LIMIT %(limit)s"
UNTOLD = COLUMNS + " WHERE told_at IS NULL ORDER BY change LIMIT %(limit)s"
MARK_TOLD = "UPDATE accounts.standing_changes SET told_at = %(now)s WHERE change = ANY(%(changes)s)"

# Grants left out: they are no money of the account's own, and end with it.
FUNDS = """
    SELECT (
        SELECT coalesce(sum(balance_micros), 0)::bigint FROM ledger.accounts
        WHERE owner_id = %(id)s AND kind IN ('customer', 'arrears')
    ), (
        SELECT count(*) FROM ledger.holds
        WHERE account_id = %(id)s AND state = 'open' AND expires_at > %(now)s
    )
"""
OWNED_ALONE = """
    SELECT mine.org_id FROM accounts.memberships AS mine
    JOIN accounts.organizations ON organizations.id = mine.org_id AND organizations.status <> 'closed'
    WHERE mine.user_id = %(user_id)s AND mine.role = %(owner)s AND NOT EXISTS (
        SELECT FROM accounts.memberships AS other
        WHERE other.org_id = mine.org_id AND other.role = %(owner)s AND other.user_id <> mine.user_id
    )
    ORDER BY mine.org_id
"""
LOCK_ORGANIZATIONS_OF = """
    SELECT FROM accounts.organizations WHERE id IN (
        SELECT org_id FROM accounts.memberships WHERE user_id = %(user_id)s
    ) ORDER BY id FOR UPDATE
"""


def _account(**row: Any) -> Account:
    return Account(**{**row, "kind": AccountKind(row["kind"]), "status": Status(row["status"])})


def _change(**row: Any) -> StandingChange:
    kept = {"kind": AccountKind(row["kind"]), "before": Status(row["before"]), "status": Status(row["status"])}
    return StandingChange(**{**row, **kept})


async def locked_account(tx: Connection, account_id: str) -> Account | None:
    """The user or organisation of that id; changes of it come one after the other until the transaction ends."""
    for statement in LOCKED.values():
        cursor = tx.cursor(row_factory=kwargs_row(_account))
        found = await (await cursor.execute(statement, {"id": account_id})).fetchone()
        if found is not None:
            return found
    return None


async def change_status(tx: Connection, account: Account, status: Status, now: datetime, reason: str) -> None:
    """Put a locked account into a standing, and keep that it is to be told."""
    await tx.execute(ONE_WRITER)
    await tx.execute(UPDATE_STATUS[account.kind], {"id": account.id, "status": status})
    facts = {
        "account_id": account.id,
        "kind": account.kind,
        "before": account.status,
        "status": status,
        "at": now,
        "reason": reason,
    }
    await tx.execute(INSERT_CHANGE, facts)


async def changes_after(tx: Connection, after: int, limit: int) -> list[StandingChange]:
    """The changes after that number, in order."""
    cursor = tx.cursor(row_factory=kwargs_row(_change))
    return await (await cursor.execute(CHANGES_AFTER, {"after": after, "limit": limit})).fetchall()


async def untold(tx: Connection, limit: int) -> list[StandingChange]:
    """The changes that the queue does not have yet, in order."""
    cursor = tx.cursor(row_factory=kwargs_row(_change))
    return await (await cursor.execute(UNTOLD, {"limit": limit})).fetchall()


async def mark_told(tx: Connection, changes: Sequence[int], now: datetime) -> None:
    await tx.execute(MARK_TOLD, {"changes": list(changes), "now": now})


async def funds(tx: Connection, account_id: str, now: datetime) -> Funds:
    """What the ledger, next door in the same database, has of it now."""
    [(balance_micros, holds)] = await (await tx.execute(FUNDS, {"id": account_id, "now": now})).fetchall()
    return Funds(int(balance_micros), int(holds))


async def owned_alone(tx: Connection, user_id: str) -> list[str]:
    """The organisations, not closed, that would have no owner without this user; all of theirs are locked."""
    await tx.execute(LOCK_ORGANIZATIONS_OF, {"user_id": user_id})
    rows = await (await tx.execute(OWNED_ALONE, {"user_id": user_id, "owner": Role.OWNER})).fetchall()
    return [org_id for (org_id,) in rows]
