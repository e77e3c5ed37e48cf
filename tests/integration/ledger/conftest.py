"""The world of the ledger: each test has an empty one, a clock to move, and as many writers as it wants."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
import pytest_asyncio
import structlog
from tests.clock import MovingClock

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.accounts.ledger.component import open_ledger
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.migrations import migrate
from fogbank.runtime.problems import Problem


@asynccontextmanager
async def writing(database: Database, clock: MovingClock, operations_max: int = 2_000) -> AsyncIterator[LedgerService]:
    """A ledger with a writer of its own, as another process would have it."""
    writer = Writer(database, clock, Health(clock), operations_max)
    running = asyncio.create_task(writer.run())
    try:
        yield LedgerService(database, writer, clock, "USD")
    finally:
        running.cancel()
        await asyncio.wait([running])


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """No pictures of tracebacks: where many callers fail at once, they take minutes."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(NOW)


@pytest_asyncio.fixture(scope="session")
async def ledger_url(postgres: PostgresServer) -> str:
    """The URL of a database that only the ledger's tests use."""
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute("CREATE DATABASE ledger_tests")
    return postgres.url_of("ledger_tests")


@pytest_asyncio.fixture
async def books_url(ledger_url: str) -> str:
    """The same with an empty ledger."""
    await emptied(ledger_url)
    return ledger_url


async def emptied(ledger_url: str) -> None:
    """Make the ledger anew."""
    async with await psycopg.AsyncConnection.connect(ledger_url, autocommit=True) as connection:
        await connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
    await asyncio.to_thread(migrate, ledger_url)


@pytest_asyncio.fixture
async def ledger_database(books_url: str) -> AsyncIterator[Database]:
    async with Database.open(books_url) as database:
        yield database


@pytest_asyncio.fixture
async def ledger(ledger_database: Database, clock: MovingClock) -> AsyncIterator[LedgerService]:
    async with writing(ledger_database, clock) as service:
        yield service


CALLERS = {
    "ann": Caller("user_ann", CallerKind.USER, {"org_fog": "member"}),
    "bob": Caller("user_bob", CallerKind.USER),
    "root": Caller("user_root", CallerKind.USER, is_administrator=True),
    "reader": Caller("user_root", CallerKind.USER, scopes=frozenset({"ledger:read"}), is_administrator=True),
    "billing": Caller("billing", CallerKind.SERVICE),
}


class Badges:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@pytest_asyncio.fixture
async def http(ledger_database: Database, clock: MovingClock) -> AsyncIterator[httpx.AsyncClient]:
    transport = InMemoryTransport()
    async with (
        open_ledger(database=ledger_database, clock=clock, currency="USD") as component,
        in_memory_http(transport) as http,
        running_tasks([component]),
    ):
        transport.connect(create_app(title="Ledger", components=[component], authenticator=Badges(), clock=clock))
        yield http


@pytest.fixture
def client(http: httpx.AsyncClient) -> LedgerClient:
    return LedgerClient(ServiceHttp(http)).as_caller("billing")
