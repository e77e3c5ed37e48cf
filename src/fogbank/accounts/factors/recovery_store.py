"""SQL of recovery codes."""

from collections.abc import Sequence
from datetime import datetime

from fogbank.runtime.database import Connection

DELETE = "DELETE FROM accounts.recovery_codes WHERE user_id = %(user_id)s"
INSERT = """
    INSERT INTO accounts.recovery_codes (user_id, code_sha256, created_at)
    SELECT %(user_id)s, code, %(now)s FROM unnest(%(digests)s::bytea[]) AS code
"""
USE_ONCE = """
    UPDATE accounts.recovery_codes SET used_at = %(now)s
    WHERE user_id = %(user_id)s AND code_sha256 = %(digest)s AND used_at IS NULL
"""
LEFT = "SELECT count(*) FROM accounts.recovery_codes WHERE user_id = %(user_id)s AND used_at IS NULL"


async def replace(tx: Connection, user_id: str, digests: Sequence[bytes], now: datetime) -> None:
    """These codes, and none of those before."""
    await delete(tx, user_id)
    await tx.execute(INSERT, {"user_id": user_id, "digests": list(digests), "now": now})


async def delete(tx: Connection, user_id: str) -> None:
    await tx.execute(DELETE, {"user_id": user_id})


async def use_once(tx: Connection, user_id: str, digest: bytes, now: datetime) -> bool:
    """Whether it was one of theirs and not used before."""
    return (await tx.execute(USE_ONCE, {"user_id": user_id, "digest": digest, "now": now})).rowcount == 1


async def left(tx: Connection, user_id: str) -> int:
    """How many can still be used."""
    [(count,)] = await (await tx.execute(LEFT, {"user_id": user_id})).fetchall()
    return int(count)
