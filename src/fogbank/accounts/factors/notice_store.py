"""SQL of what people are to be told about their second factors."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.factor_notices (id, user_id, text, at)
    VALUES (%(id)s, %(user_id)s, %(text)s, %(at)s)
"""
LOCKED = """
    SELECT notice.id, person.email AS address, notice.text
    FROM accounts.factor_notices AS notice JOIN accounts.users AS person ON person.id = notice.user_id
    ORDER BY notice.number LIMIT %(limit)s FOR UPDATE OF notice SKIP LOCKED
"""
DELETE = "DELETE FROM accounts.factor_notices WHERE id = %(id)s"


@dataclass(frozen=True, slots=True)
class Notice:
    """What to send, and where."""

    id: str
    address: str
    text: str


async def insert(tx: Connection, id_: str, user_id: str, text: str, at: datetime) -> None:
    facts = {"id": id_, "user_id": user_id, "text": text, "at": at}
    await tx.execute(INSERT, facts)


async def locked(tx: Connection, limit: int) -> list[Notice]:
    """The oldest that nobody else is sending."""
    cursor = tx.cursor(row_factory=class_row(Notice))
    return await (await cursor.execute(LOCKED, {"limit": limit})).fetchall()


async def delete(tx: Connection, id_: str) -> None:
    await tx.execute(DELETE, {"id": id_})
