"""SQL of the seeds of one-time codes."""

from dataclasses import asdict
from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.factors.model import Seed
from fogbank.runtime.database import Connection

COLUMNS = """
    SELECT user_id, is_confirmed, key_id, sealed, created_at, confirmed_at, last_step FROM accounts.totp_seeds
"""
SEED = COLUMNS + " WHERE user_id = %(user_id)s AND is_confirmed = %(is_confirmed)s"
LOCKED_SEED = SEED + " FOR UPDATE"
PUT_UNCONFIRMED = """
    INSERT INTO accounts.totp_seeds (user_id, is_confirmed, key_id, sealed, created_at, confirmed_at, last_step)
    VALUES (%(user_id)s, false, %(key_id)s, %(sealed)s, %(created_at)s, NULL, %(last_step)s)
    ON CONFLICT (user_id, is_confirmed) DO UPDATE
    SET key_id = excluded.key_id, sealed = excluded.sealed, created_at = excluded.created_at,
        last_step = excluded.last_step
"""
CONFIRM = """
    UPDATE accounts.totp_seeds SET is_confirmed = true, confirmed_at = %(now)s, last_step = %(step)s
    WHERE user_id = %(user_id)s AND NOT is_confirmed
"""
TAKE_STEP = "UPDATE accounts.totp_seeds SET last_step = %(step)s WHERE user_id = %(user_id)s AND is_confirmed"
DELETE_CONFIRMED = "DELETE FROM accounts.totp_seeds WHERE user_id = %(user_id)s AND is_confirmed"
DELETE_ALL = "DELETE FROM accounts.totp_seeds WHERE user_id = %(user_id)s"
DELETE_STALE = "DELETE FROM accounts.totp_seeds WHERE NOT is_confirmed AND created_at <= %(before)s"


async def seed(tx: Connection, user_id: str) -> Seed | None:
    """The confirmed one."""
    cursor = tx.cursor(row_factory=class_row(Seed))
    return await (await cursor.execute(SEED, {"user_id": user_id, "is_confirmed": True})).fetchone()


async def locked_seed(tx: Connection, user_id: str, *, is_confirmed: bool) -> Seed | None:
    """One of the two; who else wants it waits until the transaction ends."""
    cursor = tx.cursor(row_factory=class_row(Seed))
    return await (await cursor.execute(LOCKED_SEED, {"user_id": user_id, "is_confirmed": is_confirmed})).fetchone()


async def put_unconfirmed(tx: Connection, seed: Seed) -> None:
    """In place of one that was not confirmed either."""
    await tx.execute(PUT_UNCONFIRMED, asdict(seed))


async def confirm(tx: Connection, user_id: str, step: int, now: datetime) -> None:
    """The seed that waits takes the place of the one before it."""
    await tx.execute(DELETE_CONFIRMED, {"user_id": user_id})
    await tx.execute(CONFIRM, {"user_id": user_id, "step": step, "now": now})


async def take_step(tx: Connection, user_id: str, step: int) -> None:
    await tx.execute(TAKE_STEP, {"user_id": user_id, "step": step})


async def delete_all(tx: Connection, user_id: str) -> None:
    await tx.execute(DELETE_ALL, {"user_id": user_id})


async def delete_stale(tx: Connection, before: datetime) -> None:
    """Those that nobody confirmed since then."""
    await tx.execute(DELETE_STALE, {"before": before})
