"""SQL of wrong guesses."""

from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.factors.model import Guesses
from fogbank.runtime.database import Connection

BEGIN = """
    INSERT INTO accounts.factor_guesses (user_id, method, failures, wait_until)
    VALUES (%(user_id)s, %(method)s, 0, %(now)s)
    ON CONFLICT (user_id, method) DO NOTHING
"""
LOCKED = """
    SELECT failures, wait_until FROM accounts.factor_guesses
    WHERE user_id = %(user_id)s AND method = %(method)s FOR UPDATE
"""
SET = """
    UPDATE accounts.factor_guesses SET failures = %(failures)s, wait_until = %(wait_until)s
    WHERE user_id = %(user_id)s AND method = %(method)s
"""
FORGET = "DELETE FROM accounts.factor_guesses WHERE user_id = %(user_id)s AND method = %(method)s"
FORGET_ALL = "DELETE FROM accounts.factor_guesses WHERE user_id = %(user_id)s"


async def locked(tx: Connection, user_id: str, method: str, now: datetime) -> Guesses:
    """Their wrong guesses so far; others who guess as this person wait until the transaction ends."""
    facts = {"user_id": user_id, "method": method, "now": now}
    await tx.execute(BEGIN, facts)
    cursor = tx.cursor(row_factory=class_row(Guesses))
    found = await (await cursor.execute(LOCKED, facts)).fetchone()
    return found or Guesses(0, now)


async def put(tx: Connection, user_id: str, method: str, guesses: Guesses) -> None:
    facts = {"user_id": user_id, "method": method, "failures": guesses.failures, "wait_until": guesses.wait_until}
    await tx.execute(SET, facts)


async def forget(tx: Connection, user_id: str, method: str) -> None:
    await tx.execute(FORGET, {"user_id": user_id, "method": method})


async def forget_all(tx: Connection, user_id: str) -> None:
    await tx.execute(FORGET_ALL, {"user_id": user_id})
