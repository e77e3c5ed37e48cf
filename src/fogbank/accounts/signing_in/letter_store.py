"""SQL of letters: e-mails that wait until notifications have them."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.letters (id, key_id, sealed, written_at)
    VALUES (%(id)s, %(key_id)s, %(sealed)s, %(written_at)s)
"""
OLDEST = """
    SELECT id, key_id, sealed, written_at FROM accounts.letters ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DELETE = "DELETE FROM accounts.letters WHERE id = %(id)s"


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """A letter as it is kept; one without a key is not sealed."""

    id: str
    key_id: str | None
    sealed: bytes = field(repr=False)
    written_at: datetime


async def insert(tx: Connection, letter: SealedLetter) -> None:
    facts = {name: getattr(letter, name) for name in SealedLetter.__slots__}
    await tx.execute(INSERT, facts)


async def oldest(tx: Connection) -> SealedLetter | None:
    """The oldest that nobody else is sending, locked until the transaction ends."""
    cursor = tx.cursor(row_factory=class_row(SealedLetter))
    return await (await cursor.execute(OLDEST)).fetchone()


async def delete(tx: Connection, letter_id: str) -> None:
    await tx.execute(DELETE, {"id": letter_id})
