"""Price books: every version ever valid, as its canonical document."""

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from fogbank.billing.rules.price_book import Document, PriceBook, content_hash, read_lines
from fogbank.kernel.periods import month_of
from fogbank.runtime.database import Connection

LOCK_BOOKS = "SELECT pg_advisory_xact_lock(hashtextextended('billing.price_books', 0))"

SELECT_BOOKS = "SELECT version, valid_from, currency, document FROM billing.price_books ORDER BY version"

SELECT_LATEST = "SELECT version, content_hash FROM billing.price_books ORDER BY version DESC LIMIT 1"

INSERT_BOOK = """
    INSERT INTO billing.price_books (version, content_hash, valid_from, currency, document, stored_at)
    VALUES (%(version)s, %(content_hash)s, %(valid_from)s, %(currency)s, %(document)s, %(stored_at)s)
"""

SELECT_LAST_PRICED_MONTH = "SELECT max(month_start_at) FROM billing.lines"


async def books(tx: Connection) -> list[PriceBook]:
    """All versions, oldest first."""
    rows = await (await tx.execute(SELECT_BOOKS)).fetchall()
    return [
        PriceBook(version, month_of(valid_from).start_at, currency, read_lines(document))
        for version, valid_from, currency, document in rows
    ]


async def latest(tx: Connection) -> tuple[int, str] | None:
    """Version and content hash of the newest book, which nobody else can follow up until `tx` ends."""
    await tx.execute(LOCK_BOOKS)
    row: tuple[Any, ...] | None = await (await tx.execute(SELECT_LATEST)).fetchone()
    return None if row is None else (row[0], row[1])


async def last_priced_month(tx: Connection) -> datetime | None:
    """The start of the latest month that anything was priced in."""
    row = await (await tx.execute(SELECT_LAST_PRICED_MONTH)).fetchone()
    return row[0] if row else None


async def insert(tx: Connection, version: int, document: Document, valid_from: datetime, now: datetime) -> None:
    await tx.execute(
        INSERT_BOOK,
        {
            "version": version,
            "content_hash": content_hash(document),
            "valid_from": valid_from,
            "currency": document["currency"],
            "document": Jsonb(document),
            "stored_at": now,
        },
    )
