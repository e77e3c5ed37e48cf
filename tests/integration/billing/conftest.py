"""The world of billing: a real database, ledger and queue, billing served in memory, and a clock that is set.

What usage says of its totals is stated by the tests, at the boundary of HTTP: totals must be able to fall, and at once.
`everything` has the real usage and compute instead.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest_asyncio
from fastapi import APIRouter

from fogbank.accounts.ledger.api import account_routes
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.accounts.ledger.service import LedgerService
from fogbank.accounts.ledger.service_api import service_routes
from fogbank.accounts.ledger.writer import Writer
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.in_memory import InMemoryTransport
from fogbank.usage.client import AccountTotal, Totals, UsageClient

SERVICE = Caller("billing", CallerKind.SERVICE)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
CURRENCY = "EUR"


@dataclass(slots=True)
class SetClock:
    """Shows what it is set to."""

    now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


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
    """The way to every component of a world, and a switch for each kind of trouble on it."""

    transport: InMemoryTransport = field(default_factory=InMemoryTransport)
    lose: Callable[[httpx.Request], bool] = lambda _request: False
    """Which requests arrive, and lose their answer."""

    async def handle(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        if self.lose(request):
            raise httpx.ReadError("the connection broke", request=request)
        return response


@dataclass(slots=True)
class World:
    """What tests touch."""

    database: Database
    queue: QueueClient
    clock: SetClock
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
async def running_ledger(database: Database, clock: SetClock) -> AsyncIterator[Component]:
    """The real ledger, posting."""
    health = Health(clock)
    writer = Writer(database, clock, health)
    service = LedgerService(database, writer, clock, CURRENCY)
    component = Component(
        "ledger",
        health,
        routers=[account_routes(service), service_routes(service)],
        tasks=[BackgroundTask("writer", writer.run)],
    )
    async with running_tasks([component]):
        yield component


@asynccontextmanager
async def opened_world(database: Database, nats: NatsServer) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        clock, authenticator, stated, wire = SetClock(), CallersByToken(), StatedTotals(), Wire()
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.MockTransport(wire.handle), base_url="http://in-process")
        )
        yield World(database, queue, clock, authenticator, stated, wire, http)


@pytest_asyncio.fixture(scope="package")
async def world(database: Database, nats: NatsServer) -> AsyncIterator[World]:
    async with opened_world(database, nats) as world, running_ledger(database, world.clock) as ledger:
        health = Health(world.clock)
        world.serve(ledger, Component("usage", health, routers=[world.stated.routes()]))
        yield world
