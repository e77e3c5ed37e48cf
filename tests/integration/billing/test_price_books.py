"""Price books: kept once, never changed, and never applied to a month that was priced already."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.integration.billing.conftest import fresh_database

from fogbank.billing.model import Line, LineKey
from fogbank.billing.rules.price_book import Document, PriceBookUnreadable
from fogbank.billing.rules.price_models import PerUnit
from fogbank.billing.service.price_books import DEFAULT_PRICES, PriceBooks, publish, read_price_book
from fogbank.billing.store import charges as store
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros
from fogbank.kernel.periods import EPOCH
from fogbank.kernel.quantities import Quantity
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def fresh(postgres: PostgresServer, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database in which nobody has published anything."""
    async with fresh_database(postgres, f"prices_{request.node.name}"[:63]) as database:
        yield database


def document(cpu_hour: str) -> Document:
    """The default prices, with another one for a CPU-hour."""
    lines: list[dict[str, Any]] = [dict(line) for line in read_price_book(None, "EUR")["lines"]]
    lines[0]["unit_price"] = cpu_hour
    return {"currency": "EUR", "lines": lines}


def cpu_hour(books: PriceBooks, at: datetime) -> Decimal:
    model = books.pricing(at).lines[Meter.CPU_SECONDS].model
    assert isinstance(model, PerUnit)
    return model.unit_price


async def price_something(database: Database, month_start_at: datetime, version: int) -> None:
    key = LineKey(AccountId("org_a"), month_start_at, Meter.CPU_SECONDS)
    async with database.transaction() as tx:
        await store.write(tx, [Line(key, version, Quantity(1), Micros(0), Micros(0), 0)], [], NOW)


async def test_the_first_book_prices_all_time_and_is_kept_once(fresh: Database) -> None:
    for _ in range(2):
        books = await publish(fresh, document("0.036"), NOW)
    assert [(book.version, book.valid_from) for book in books.books] == [(1, EPOCH)]
    assert cpu_hour(books, OCTOBER) == Decimal("0.036")


async def test_a_change_prices_this_month_while_nothing_is_priced_in_it(fresh: Database) -> None:
    await publish(fresh, document("0.036"), NOW)
    await price_something(fresh, OCTOBER, 1)
    books = await publish(fresh, document("0.04"), NOW)
    assert (cpu_hour(books, OCTOBER), cpu_hour(books, NOVEMBER)) == (Decimal("0.036"), Decimal("0.04"))


async def test_a_change_waits_for_the_next_month_once_this_one_is_priced(fresh: Database) -> None:
    await publish(fresh, document("0.036"), NOW)
    await price_something(fresh, NOVEMBER, 1)
    books = await publish(fresh, document("0.04"), NOW)
    assert (cpu_hour(books, NOW), cpu_hour(books, DECEMBER)) == (Decimal("0.036"), Decimal("0.04"))
    coming = books.after(NOW)
    assert coming is not None
    assert (coming.version, coming.valid_from) == (2, DECEMBER)


async def test_taking_a_change_back_is_a_version_of_its_own(fresh: Database) -> None:
    await publish(fresh, document("0.036"), NOW)
    await price_something(fresh, NOVEMBER, 1)
    await publish(fresh, document("0.04"), NOW)
    books = await publish(fresh, document("0.036"), NOW)
    assert [book.version for book in books.books] == [1, 2, 3]
    assert cpu_hour(books, DECEMBER) == Decimal("0.036")


async def test_processes_that_start_together_publish_a_version_once(fresh: Database) -> None:
    published = await asyncio.gather(*(publish(fresh, document("0.05"), NOW) for _ in range(4)))
    assert [len(books.books) for books in published] == [1] * 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lines = 1", "cannot be used: it needs [[lines]]"),
        ("[[lines", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_sentence(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "prices.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(PriceBookUnreadable) as refused:
        read_price_book(path, "EUR")
    assert str(refused.value).startswith(f"the price book {path} cannot be")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_copy_of_the_default_prices_is_the_default_price_book(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(DEFAULT_PRICES.read_text("utf-8"))
    assert read_price_book(path, "EUR") == read_price_book(None, "EUR")
