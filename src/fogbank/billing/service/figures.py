"""Figures for the audit: what usage has, what that costs, what was charged, and what was posted, line by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from fogbank.billing.client import BillingFigures, LineFigures
from fogbank.billing.model import Line, LineKey
from fogbank.billing.rules.charging import is_due
from fogbank.billing.rules.decimals import plain
from fogbank.billing.service.charging import ChargingService, quantities_of
from fogbank.billing.service.price_books import PriceBooks
from fogbank.billing.store import charges as store
from fogbank.kernel.money import MICROS_PER_CREDIT, Micros, credits_from_micros
from fogbank.kernel.quantities import Quantity, decimal_from_quantity
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.usage.client import UsageClient

Sums = Mapping[LineKey, tuple[Micros, Micros]]
"""Per line, the sum of its charges, and of those that were posted."""

NOTHING = (Micros(0), Micros(0))


@dataclass(frozen=True, slots=True)
class FiguresService:
    """Prices all that usage has anew, by the prices' definition and not by the rates that charges are made with."""

    database: Database
    usage: UsageClient
    charging: ChargingService
    books: PriceBooks
    clock: Clock

    async def figures(self) -> BillingFigures:
        """The figures, after an ordinary pass of charging, so that they differ only where something is wrong.

        What we have is read first, all at one instant; whatever moved in usage after the cursor that this is up to, is
        left out: its charge is yet to come.
        """
        await self.charging.settle_up()
        async with self.database.transaction() as tx:
            await store.one_view(tx)
            cursor = await store.cursor(tx)
            lines, sums = await store.all_lines(tx), await store.charged_sums(tx)
        totals = quantities_of((await self.usage.totals(0)).totals)
        moving = {
            (key.account_id, key.month_start_at) for key in quantities_of((await self.usage.totals(cursor)).totals)
        }
        keys = [key for key in sorted({*totals, *lines, *sums}) if (key.account_id, key.month_start_at) not in moving]
        return _summed(cursor, len(moving), list(self._figures(keys, totals, lines, sums)))

    def _figures(
        self, keys: Iterable[LineKey], totals: Mapping[LineKey, Quantity], lines: Mapping[LineKey, Line], sums: Sums
    ) -> Iterator[tuple[LineFigures, Micros, Micros, Micros]]:
        for key in keys:
            quantity = totals.get(key, Quantity(0))
            price = self._price(key, quantity, lines.get(key))
            charged, posted = sums.get(key, NOTHING)
            if quantity or price or charged or posted:
                yield _line_figures(key, quantity, price, charged, posted), price, charged, posted

    def _price(self, key: LineKey, quantity: Quantity, line: Line | None) -> Micros:
        """What is due for `quantity`, from the model over rationals."""
        book = self.books.pricing(key.month_start_at, line.price_book_version if line else None)
        price_line = book.lines[key.meter]
        if not is_due(price_line, key, self.clock()):
            return Micros(0)
        units = Fraction(decimal_from_quantity(quantity)) / price_line.unit.meter_units
        return Micros(round(price_line.model.cost(units) * MICROS_PER_CREDIT))


def _line_figures(key: LineKey, quantity: Quantity, price: Micros, charged: Micros, posted: Micros) -> LineFigures:
    return LineFigures(
        account_id=key.account_id,
        month=key.month,
        meter=key.meter,
        quantity=plain(decimal_from_quantity(quantity)),
        price=credits_from_micros(price),
        charged=credits_from_micros(charged),
        posted=credits_from_micros(posted),
    )


def _summed(cursor: int, moving: int, rows: list[tuple[LineFigures, Micros, Micros, Micros]]) -> BillingFigures:
    return BillingFigures(
        cursor=cursor,
        moving=moving,
        price=credits_from_micros(sum(price for _, price, _, _ in rows)),
        charged=credits_from_micros(sum(charged for _, _, charged, _ in rows)),
        posted=credits_from_micros(sum(posted for _, _, _, posted in rows)),
        lines=[line for line, _, _, _ in rows],
    )
