"""Payers' months: what is known of an account's lines in a month, and what prices each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fogbank.billing.model import Line, LineKey
from fogbank.billing.rules.price_book import PriceLine
from fogbank.billing.service.price_books import PriceBooks
from fogbank.billing.store import charges as store
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.runtime.database import Database


@dataclass(frozen=True, slots=True)
class PayerMonth:
    """An account's month: its lines, where something was metered, and the price of every meter."""

    lines: Mapping[Meter, Line]
    prices: Mapping[Meter, PriceLine]


@dataclass(frozen=True, slots=True)
class PayerMonths:
    """Reads what billing has written."""

    database: Database
    books: PriceBooks

    async def of(self, account_id: AccountId, month_starts: Iterable[datetime]) -> dict[datetime, PayerMonth]:
        """The account's months that start at these instants, whether or not anything was metered in them."""
        starts = list(month_starts)
        async with self.database.connection() as connection:
            lines = await store.lines_of(connection, [(account_id, start_at) for start_at in starts])
        return {start_at: self._month(account_id, start_at, lines) for start_at in starts}

    def _month(self, account_id: AccountId, start_at: datetime, known: Mapping[LineKey, Line]) -> PayerMonth:
        lines = {meter: known.get(LineKey(account_id, start_at, meter)) for meter in Meter}
        versions = {meter: line.price_book_version if line else None for meter, line in lines.items()}
        return PayerMonth(
            lines={meter: line for meter, line in lines.items() if line},
            prices={meter: self.books.pricing(start_at, versions[meter]).lines[meter] for meter in Meter},
        )
