"""SQL of recent proofs."""

from datetime import datetime

from fogbank.runtime.database import Connection

# To open a session is to prove it: what signing in takes is what a proof takes.
PROVED_AT = """
    SELECT greatest(
        (SELECT created_at FROM accounts.sessions WHERE id = %(session_id)s AND user_id = %(user_id)s),
        (SELECT proved_at FROM accounts.recent_proofs WHERE session_id = %(session_id)s AND user_id = %(user_id)s)
    )
"""
PUT = """
    INSERT INTO accounts.recent_proofs (session_id, user_id, proved_at)
    VALUES (%(session_id)s, %(user_id)s, %(proved_at)s)
    ON CONFLICT (session_id) DO UPDATE SET proved_at = excluded.proved_at
"""
DELETE_OLD = "DELETE FROM accounts.recent_proofs WHERE proved_at <= %(before)s"


async def proved_at(tx: Connection, session_id: str, user_id: str) -> datetime | None:
    """When whoever holds this session last proved who they are; None where there is no such session of theirs."""
    row = await (await tx.execute(PROVED_AT, {"session_id": session_id, "user_id": user_id})).fetchone()
    return None if row is None else row[0]


async def put(tx: Connection, session_id: str, user_id: str, proved_at: datetime) -> None:
    await tx.execute(PUT, {"session_id": session_id, "user_id": user_id, "proved_at": proved_at})


async def delete_old(tx: Connection, before: datetime) -> None:
    await tx.execute(DELETE_OLD, {"before": before})
