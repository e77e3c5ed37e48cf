"""The world of thresholds: a real database, queue and accounts, readings that tests put in, and a set clock.

What billing says of money is stated by the tests, at the boundary of HTTP: balances must be able to fall, and at once.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import msgspec
import psycopg
import pytest_asyncio
from fastapi import APIRouter
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.clock import MovingClock
from tests.integration.owning import owning

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.component import open_accounts
from fogbank.billing.client import CREDITS_PATH, BillingClient, CreditsRequest, CreditsView, CreditView
from fogbank.compute.client.thresholds import ThresholdConfiguration, ThresholdsClient, ThresholdView
from fogbank.compute.current.picture import Latest
from fogbank.compute.current.service import CurrentUsageService
from fogbank.compute.thresholds.opening import Thresholds, ThresholdsOpening
from fogbank.compute.thresholds.telling import Teller
from fogbank.events.signals import Signal
from fogbank.events.usage_event import Metrics
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.queue.subjects import SIGNALS_STREAM
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer, PostgresServer, running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.migrations import migrate
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PERIOD = timedelta(seconds=30)
CALLERS = {
    "compute": Caller("compute", CallerKind.SERVICE),
    "root": Caller("user_root", CallerKind.USER, is_administrator=True),
    "ann": Caller("user_ann", CallerKind.USER, {"org_fog": "owner", "org_seen": "member"}),
    "bob": Caller("user_bob", CallerKind.USER),
    "reader": Caller("user_ann", CallerKind.USER, {"org_fog": "owner"}, scopes=frozenset({"thresholds:read"})),
}
PUBLISHED: dict[str, Any] = {
    "resource_type": "storage",
    "threshold_type": "absolute",
    "threshold_value": 500,
    "units": "GB",
    "action": "notify",
    "user_id": "user_123456",
    "notification_channels": ["email", "api_callback"],
}
"""The example of the integration plan, to the letter."""

databases = count()


class Badges:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@dataclass(slots=True)
class StatedCredits:
    """Answers as billing does: what was stated of each account, and nothing spent and nothing there of others."""

    of: dict[str, CreditView] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    is_down: bool = False

    def state(self, account_id: str, *, balance: str = "0", per_hour: str = "0", runway: int | None = None) -> None:
        self.of[account_id] = CreditView(account_id, per_hour, "0", balance, runway)

    def routes(self) -> APIRouter:
        router = APIRouter()

        @router.post(CREDITS_PATH)
        async def told(asked: CreditsRequest, _caller: ServiceCaller) -> CreditsView:
            self.asked.append(asked.accounts)
            if self.is_down:
                raise Problem(503, "service-unavailable", "Billing is down.")
            return CreditsView([self.of.get(each, CreditView(each, "0", "0", "0", None)) for each in asked.accounts])

        return router


@dataclass(slots=True)
class World:
    """What tests touch."""

    http: httpx.AsyncClient
    database: Database
    queue: QueueClient
    clock: MovingClock
    current: CurrentUsageService
    accounts: AccountsClient
    credits: StatedCredits
    thresholds: Thresholds

    def client(self, badge: str) -> ThresholdsClient:
        return ThresholdsClient(ServiceHttp(self.http).as_caller(badge))

    async def set(self, badge: str = "root", **changes: Any) -> ThresholdView:
        """Set the published example, changed, as somebody."""
        said = {**PUBLISHED, **changes}
        return await self.client(badge).create(msgspec.convert(said, ThresholdConfiguration))

    def report(self, instance_id: str, user_id: str = "user_ann", org_id: str | None = None, **metrics: float) -> None:
        """A reading that ends now; what is not given is zero."""
        measured = Metrics(**{**dict.fromkeys(Metrics.__struct_fields__, 0.0), **metrics})
        end_us = microseconds_of(self.clock.now)
        start_us = microseconds_of(self.clock.now - PERIOD)
        self.current.picture.see(Latest(instance_id, user_id, org_id, measured, start_us, end_us, "node-1"))

    async def check(self) -> int:
        """Check once; how many crossings there were."""
        return await self.thresholds.checker.check()

    async def send(self) -> int:
        """Send what waits."""
        checker = self.thresholds.checker
        return await Teller(self.database, self.queue, checker.waiting, self.clock).send()

    async def signals(self) -> list[Signal]:
        """Every signal that the queue has."""
        await self.send()
        jetstream = self.queue.connection.jetstream()
        state = (await jetstream.stream_info(SIGNALS_STREAM)).state
        raw = [await jetstream.get_msg(SIGNALS_STREAM, seq) for seq in range(state.first_seq, state.last_seq + 1)]
        return [msgspec.json.decode(each.data or b"", type=Signal) for each in raw]

    def restarted(self) -> None:
        """The same, in a process that has just started: the database and the picture are all that is left."""
        self.thresholds = opened(self)


def opened(world: World) -> Thresholds:
    """Thresholds over the world's servers."""
    billing = BillingClient(ServiceHttp(world.http).as_caller("compute"))
    return ThresholdsOpening(world.database, world.accounts, billing).over(world.current, world.queue, world.clock)


@pytest_asyncio.fixture(scope="session")
async def own_nats() -> AsyncIterator[NatsServer]:
    with temporary_directory() as directory:
        async with running_nats(directory) as server:
            yield server


@pytest_asyncio.fixture(scope="session")
async def own_database(postgres: PostgresServer) -> AsyncIterator[Database]:
    name = f"thresholds_{next(databases)}"
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(postgres.url, dbname=name)
    await asyncio.to_thread(migrate, url)
    async with Database.open(url) as database:
        yield database


@pytest_asyncio.fixture
async def world(own_database: Database, own_nats: NatsServer) -> AsyncIterator[World]:
    """A world of its own: no thresholds, no signals, nobody measured."""
    async with AsyncExitStack() as stack:
        data_dir = stack.enter_context(temporary_directory())
        transport, clock = InMemoryTransport(), MovingClock(NOW)
        queue = await stack.enter_async_context(
            QueueClient.open(own_nats.url, user=own_nats.user, password=own_nats.password)
        )
        await queue.ensure_streams()
        await queue.connection.jetstream().delete_stream(SIGNALS_STREAM)
        await queue.ensure_streams()
        async with owning(own_database) as connection:
            await connection.execute("TRUNCATE compute.thresholds, compute.threshold_signals CASCADE")
        http = await stack.enter_async_context(in_memory_http(transport))
        health, credit = Health(clock), StatedCredits()
        current = CurrentUsageService(queue, clock, health, 30)
        log = AccountsClient(ServiceHttp(http).as_caller("compute"))
        billing = BillingClient(ServiceHttp(http).as_caller("compute"))
        thresholds = ThresholdsOpening(own_database, log, billing).over(current, queue, clock)
        accounts = await stack.enter_async_context(
            open_accounts(database=own_database, secrets=data_dir / "secrets", clock=clock)
        )
        component = Component("compute", health, routers=[thresholds.router, credit.routes()])
        transport.connect(
            create_app(title="thresholds", components=[component, accounts], authenticator=Badges(), clock=clock)
        )
        yield World(http, own_database, queue, clock, current, log, credit, thresholds)
