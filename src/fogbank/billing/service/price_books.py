"""Price books: read the file, keep each version once, and know which one prices a month."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from fogbank.billing.rules.price_book import Document, PriceBook, PriceBookUnreadable, book_for, canonical, content_hash
from fogbank.billing.store import price_books as store
from fogbank.kernel.periods import EPOCH, month_of, next_month
from fogbank.runtime.database import Connection, Database

DEFAULT_PRICES = files("fogbank.billing") / "default_prices.toml"


@dataclass(frozen=True, slots=True)
class PriceBooks:
    """Every version there is."""

    books: tuple[PriceBook, ...]

    def pricing(self, month_start_at: datetime, version: int | None = None) -> PriceBook:
        """The book of `version`, or, where a line has none yet, the one that prices its month."""
        if version is None:
            return book_for(self.books, month_start_at)
        return next(book for book in self.books if book.version == version)

    def after(self, instant: datetime) -> PriceBook | None:
        """The version that follows the one pricing the month of `instant`, if it is published already."""
        coming = [book for book in self.books if book.valid_from > month_of(instant).start_at]
        return min(coming, key=lambda book: (book.valid_from, -book.version), default=None)


def read_price_book(path: Path | None, currency: str) -> Document:
    """The canonical document of the file at `path`, or of the default prices, or `PriceBookUnreadable`."""
    name = "the default price book" if path is None else f"the price book {path}"
    try:
        text = (DEFAULT_PRICES if path is None else path).read_text("utf-8")
        return canonical(tomllib.loads(text, parse_float=Decimal), currency)
    except PriceBookUnreadable as error:
        raise PriceBookUnreadable(f"{name} cannot be used: {error}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PriceBookUnreadable(f"{name} cannot be read: {error}") from None


async def publish(database: Database, document: Document, now: datetime) -> PriceBooks:
    """Keep `document` as the newest version, unless it is that already; returns all versions."""
    async with database.transaction() as tx:
        latest = await store.latest(tx)
        if latest is None:
            await store.insert(tx, 1, document, EPOCH, now)
        elif latest[1] != content_hash(document):
            await store.insert(tx, latest[0] + 1, document, await _valid_from(tx, now), now)
        return PriceBooks(tuple(await store.books(tx)))


async def _valid_from(tx: Connection, now: datetime) -> datetime:
    """The first month, from the present one on, in which nothing was priced yet: nobody's price changes afterwards."""
    month_start_at = month_of(now).start_at
    last_priced = await store.last_priced_month(tx)
    if last_priced is None or last_priced < month_start_at:
        return month_start_at
    return next_month(month_of(last_priced).start_at)
