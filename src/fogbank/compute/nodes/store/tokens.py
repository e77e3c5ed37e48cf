"""SQL of one-time registration tokens, of which only the SHA-256 is stored."""

from datetime import datetime

from psycopg.rows import class_row

from fogbank.compute.nodes.model import Invitation
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO compute.registration_tokens (digest, node_id, operator_id, is_self_placing, made_by, expires_at)
    VALUES (%(digest)s, %(node_id)s, %(operator_id)s, %(is_self_placing)s, %(made_by)s, %(expires_at)s)
"""
FIND = """
    SELECT node_id, operator_id, is_self_placing, made_by, expires_at, used_at, used_by
    FROM compute.registration_tokens WHERE digest = %(digest)s
"""
USE = "UPDATE compute.registration_tokens SET used_at = %(now)s, used_by = %(key_id)s WHERE digest = %(digest)s"


async def insert(tx: Connection, digest: bytes, invitation: Invitation) -> None:
    await tx.execute(
        INSERT,
        {
            "digest": digest,
            "node_id": invitation.node_id,
            "operator_id": invitation.operator_id,
            "is_self_placing": invitation.is_self_placing,
            "made_by": invitation.made_by,
            "expires_at": invitation.expires_at,
        },
    )


async def find(tx: Connection, digest: bytes) -> Invitation | None:
    cursor = tx.cursor(row_factory=class_row(Invitation))
    return await (await cursor.execute(FIND, {"digest": digest})).fetchone()


async def use(tx: Connection, digest: bytes, key_id: str, now: datetime) -> None:
    """It was used for that key; after `as_writer`, which lets no other use it meanwhile."""
    await tx.execute(USE, {"digest": digest, "key_id": key_id, "now": now})
