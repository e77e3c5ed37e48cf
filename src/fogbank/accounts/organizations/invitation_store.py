"""SQL of invitations."""

from datetime import datetime
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.accounts.model import Role
from fogbank.accounts.organizations.model import Invitation, InvitationState
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.invitations
        (id, org_id, email, role, inviter_id, inviter_role, secret_sha256, is_mailed, state, created_at, sent_at,
         expires_at)
    VALUES (%(id)s, %(org_id)s, %(email)s, %(role)s, %(inviter_id)s, %(inviter_role)s, %(secret_sha256)s,
        %(is_mailed)s, %(state)s, %(created_at)s, %(sent_at)s, %(expires_at)s)
"""
COLUMNS = """
    SELECT id, org_id, email, role, inviter_id, inviter_role, is_mailed, state, created_at, sent_at, expires_at, user_id
    FROM accounts.invitations
"""
BY_ID = COLUMNS + " WHERE org_id = %(org_id)s AND id = %(id)s FOR UPDATE"
BY_SECRET = COLUMNS + " WHERE secret_sha256 = %(secret_sha256)s"
OPEN_FOR = COLUMNS + " WHERE org_id = %(org_id)s AND lower(email) = lower(%(email)s) AND state = 'open'"
OPEN_TO = (
    COLUMNS
    + """
    WHERE lower(email) = lower(%(email)s) AND state = 'open' AND expires_at > %(now)s ORDER BY id
"""
)
TO_ADDRESS = COLUMNS + " WHERE id = %(id)s AND lower(email) = lower(%(email)s)"
AFTER = (
    COLUMNS
    + """
    WHERE org_id = %(org_id)s AND id > %(after)s AND (state = 'open' OR %(with_ended)s) ORDER BY id LIMIT %(limit)s
"""
)
COUNT_OPEN = """
    SELECT count(*) FROM accounts.invitations
    WHERE org_id = %(org_id)s AND state = 'open' AND expires_at > %(now)s
"""
RENEW = """
    UPDATE accounts.invitations
    SET secret_sha256 = %(secret_sha256)s, is_mailed = %(is_mailed)s, sent_at = %(now)s, expires_at = %(expires_at)s,
        inviter_id = %(inviter_id)s, inviter_role = %(inviter_role)s
    WHERE id = %(id)s
"""
END = "UPDATE accounts.invitations SET state = %(state)s, ended_at = %(now)s, user_id = %(user_id)s WHERE id = %(id)s"


def _invitation(**row: Any) -> Invitation:
    inviter_role = None if row["inviter_role"] is None else Role(row["inviter_role"])
    kept = {"role": Role(row["role"]), "state": InvitationState(row["state"]), "inviter_role": inviter_role}
    return Invitation(**{**row, **kept})


async def insert(tx: Connection, invitation: Invitation, secret_sha256: bytes) -> None:
    facts = {name: getattr(invitation, name) for name in Invitation.__slots__}
    await tx.execute(INSERT, {**facts, "secret_sha256": secret_sha256})


async def invitation(tx: Connection, org_id: str, invitation_id: str) -> Invitation | None:
    """An invitation of that organisation, locked until the transaction ends."""
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(BY_ID, {"org_id": org_id, "id": invitation_id})).fetchone()


async def by_secret(tx: Connection, secret_sha256: bytes) -> Invitation | None:
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(BY_SECRET, {"secret_sha256": secret_sha256})).fetchone()


async def open_for(tx: Connection, org_id: str, email: str) -> Invitation | None:
    """The one that this address has and that nobody ended, be its time over or not."""
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(OPEN_FOR, {"org_id": org_id, "email": email})).fetchone()


async def open_to(tx: Connection, email: str, now: datetime) -> list[Invitation]:
    """Those that this address has, of all organisations, and whose time is not over; by id."""
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(OPEN_TO, {"email": email, "now": now})).fetchall()


async def to_address(tx: Connection, invitation_id: str, email: str) -> Invitation | None:
    """The invitation, if it is for this address."""
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(TO_ADDRESS, {"id": invitation_id, "email": email})).fetchone()


async def after(tx: Connection, org_id: str, after_id: str, limit: int, *, with_ended: bool) -> list[Invitation]:
    """By id; without the ended ones, those that nobody accepted or revoked, be their time over or not."""
    asked = {"org_id": org_id, "after": after_id, "limit": limit, "with_ended": with_ended}
    cursor = tx.cursor(row_factory=kwargs_row(_invitation))
    return await (await cursor.execute(AFTER, asked)).fetchall()


async def count_open(tx: Connection, org_id: str, now: datetime) -> int:
    """How many can be accepted now."""
    [(count,)] = await (await tx.execute(COUNT_OPEN, {"org_id": org_id, "now": now})).fetchall()
    return int(count)


async def renew(tx: Connection, invitation: Invitation, secret_sha256: bytes) -> None:
    """Give it another token, by whom it says, until when it says."""
    facts = {name: getattr(invitation, name) for name in Invitation.__slots__}
    await tx.execute(RENEW, {**facts, "secret_sha256": secret_sha256, "now": invitation.sent_at})


async def end(
    tx: Connection, invitation_id: str, state: InvitationState, now: datetime, user_id: str | None = None
) -> None:
    """Let it be accepted, by `user_id`, or revoked."""
    await tx.execute(END, {"id": invitation_id, "state": state, "now": now, "user_id": user_id})
