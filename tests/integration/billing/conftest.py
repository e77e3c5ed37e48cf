"""The world of billing: a real database, ledger and queue, billing served in memory, and a clock that is set.

What usage says of its totals is stated by the tests, at the boundary of HTTP: totals must be able to fall, and at once.
`test_live_money.py` has the real usage and compute instead.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import psycopg
import pytest_asyncio
from fastapi import APIRouter
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.clock import MovingClock

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.accounts.ledger.component import open_ledger
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer, PostgresServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.in_memory import InMemoryTransport
from fogbank.runtime.migrations import migrate
from fogbank.usage.client import AccountTotal, Totals, UsageClient

SERVICE = Caller("billing", CallerKind.SERVICE)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
CURRENCY = "EUR"


@dataclass(slots=True)
class CallersByToken:
    """Knows each caller by the token that is their id."""

    callers: dict[str, Caller] = field(default_factory=lambda: {SERVICE.id: SERVICE})

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        return self.callers[headers["authorization"].removeprefix("Bearer ")]


@dataclass(slots=True)
class StatedTotals:
    """Answers as usage does: the totals that were stated after a cursor."""

    cursor: int = 0
    totals: dict[tuple[str, datetime], tuple[int, dict[str, str]]] = field(default_factory=dict)

    def state(self, account_id: str, month_start_at: datetime = NOVEMBER, **quantities: str) -> None:
        self.cursor += 1
        self.totals[account_id, month_start_at] = self.cursor, quantities

    def after(self, cursor: int) -> Totals:
        moved = [
            AccountTotal(account_id, month_start_at, quantities)
            for (account_id, month_start_at), (revision, quantities) in self.totals.items()
            if revision > cursor
        ]
        return Totals(max(cursor, self.cursor), moved)

    def routes(self) -> APIRouter:
        router = APIRouter()

        @router.get("/api/v1/usage/totals")
        async def read_totals(_caller: ServiceCaller, changed_since: int) -> Totals:
            return self.after(changed_since)

        return router


@dataclass(slots=True)
class Wire:
    """The way to every component of a world."""

    transport: InMemoryTransport = field(default_factory=InMemoryTransport)
    broken_path: str | None = None

    async def handle(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        if request.url.path == self.broken_path:
            raise httpx.ReadError("the connection broke", request=request)
        return response

    @contextmanager
    def losing_answers_of(self, path: str) -> Iterator[None]:
        """Meanwhile, requests to `path` arrive and are done, and their answers never come."""
        self.broken_path = path
        try:
            yield
        finally:
            self.broken_path = None


@dataclass(slots=True)
class World:
    """What tests touch."""

    database: Database
    queue: QueueClient
    clock: MovingClock
    authenticator: CallersByToken
    stated: StatedTotals
    wire: Wire
    http: httpx.AsyncClient
    numbers: "count[int]" = field(default_factory=count)

    def new_account(self) -> str:
        """An account that no other test has."""
        return f"org_{next(self.numbers)}"

    def service(self, caller: Caller = SERVICE) -> ServiceHttp:
        self.authenticator.callers[caller.id] = caller
        return ServiceHttp(self.http).as_caller(caller.id)

    @property
    def ledger(self) -> LedgerClient:
        return LedgerClient(self.service())

    @property
    def usage(self) -> UsageClient:
        return UsageClient(self.service())

    @property
    def compute(self) -> ComputeClient:
        return ComputeClient(self.service())

    def billing(self, caller: Caller = SERVICE) -> BillingClient:
        return BillingClient(self.service(caller))

    def serve(self, *components: Component) -> None:
        """Answer for these components from now on."""
        app = create_app(title="test", components=components, authenticator=self.authenticator, clock=self.clock)
        self.wire.transport.connect(app)


@asynccontextmanager
async def fresh_database(postgres: PostgresServer, name: str) -> AsyncIterator[Database]:
    """A database of its own, with every schema and nothing in it."""
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(postgres.url, dbname=name)
    await asyncio.to_thread(migrate, url)
    async with Database.open(url) as database:
        yield database


@asynccontextmanager
async def opened_world(database: Database, nats: NatsServer, now: datetime) -> AsyncIterator[World]:
    """A world in which nothing answers yet."""
    async with AsyncExitStack() as stack:
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        wire = Wire()
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.MockTransport(wire.handle), base_url="http://in-process")
        )
        yield World(database, queue, MovingClock(now), CallersByToken(), StatedTotals(), wire, http)


@asynccontextmanager
async def stated_world(postgres: PostgresServer, nats: NatsServer, name: str) -> AsyncIterator[World]:
    """The real ledger, and usage that says what tests state."""
    async with (
        fresh_database(postgres, name) as database,
        opened_world(database, nats, NOVEMBER + timedelta(days=24, hours=12)) as world,
        open_ledger(database=database, clock=world.clock, currency=CURRENCY) as ledger,
        running_tasks([ledger]),
    ):
        world.serve(ledger, Component("usage", Health(world.clock), routers=[world.stated.routes()]))
        yield world


@pytest_asyncio.fixture(scope="session")
async def world(postgres: PostgresServer, nats: NatsServer) -> AsyncIterator[World]:
    async with stated_world(postgres, nats, "billing_stated") as world:
        yield world
