"""SQL of sign-ins under way, and of identities that wait to be confirmed."""

from dataclasses import asdict
from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.oidc.model import Confirmation, Flow
from fogbank.runtime.database import Connection

INSERT_FLOW = """
    INSERT INTO accounts.issuer_flows (state_sha256, issuer_id, binding_sha256, began_at, expires_at)
    VALUES (%(digest)s, %(issuer_id)s, %(binding_sha256)s, %(began_at)s, %(expires_at)s)
"""
SPEND_FLOW = """
    DELETE FROM accounts.issuer_flows WHERE state_sha256 = %(digest)s
    RETURNING issuer_id, binding_sha256, began_at, expires_at
"""
INSERT_CONFIRMATION = """
    INSERT INTO accounts.issuer_confirmations (secret_sha256, issuer_id, subject, email, user_id, expires_at)
    VALUES (%(digest)s, %(issuer_id)s, %(subject)s, %(email)s, %(user_id)s, %(expires_at)s)
"""
SPEND_CONFIRMATION = """
    DELETE FROM accounts.issuer_confirmations
    WHERE secret_sha256 = %(digest)s AND user_id = %(user_id)s AND expires_at > %(now)s
    RETURNING issuer_id, subject, email, user_id
"""
DELETE_ENDED = """
    WITH flows AS (DELETE FROM accounts.issuer_flows WHERE expires_at <= %(now)s)
    DELETE FROM accounts.issuer_confirmations WHERE expires_at <= %(now)s
"""


async def insert_flow(tx: Connection, digest: bytes, flow: Flow) -> None:
    await tx.execute(INSERT_FLOW, {"digest": digest, **asdict(flow)})


async def spend_flow(tx: Connection, digest: bytes) -> Flow | None:
    """The sign-in of this state, the first time that it is asked for."""
    cursor = tx.cursor(row_factory=class_row(Flow))
    return await (await cursor.execute(SPEND_FLOW, {"digest": digest})).fetchone()


async def insert_confirmation(tx: Connection, digest: bytes, confirmation: Confirmation, expires_at: datetime) -> None:
    await tx.execute(INSERT_CONFIRMATION, {"digest": digest, **asdict(confirmation), "expires_at": expires_at})


async def spend_confirmation(tx: Connection, digest: bytes, user_id: str, now: datetime) -> Confirmation | None:
    """The identity that waits for this user to confirm it, the first time that it is asked for."""
    cursor = tx.cursor(row_factory=class_row(Confirmation))
    facts = {"digest": digest, "user_id": user_id, "now": now}
    return await (await cursor.execute(SPEND_CONFIRMATION, facts)).fetchone()


async def delete_ended(tx: Connection, now: datetime) -> None:
    await tx.execute(DELETE_ENDED, {"now": now})
