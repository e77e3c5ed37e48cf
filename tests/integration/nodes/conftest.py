"""The world of nodes: a real database, a queue that asks who signs in, accounts, and people of several tenants."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.client import AccountsClient, UserView
from fogbank.accounts.component import open_accounts
from fogbank.compute.client import NodesClient, RegistrationView
from fogbank.compute.client.node_proofs import registration_text, signature_of
from fogbank.compute.component import open_compute
from fogbank.compute.nodes.opening import Nodes, QueueAccess, open_nodes
from fogbank.events.signing import public_key_of
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer, PostgresServer, running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.migrations import migrate
from fogbank.runtime.problems import Problem
from fogbank.runtime.queue_credentials import inbox_prefix
from fogbank.runtime.queue_secrets import queue_secrets

SERVICE, ROOT = "compute", "root"
ADDRESS = "127.0.0.1"
"""Where everybody here calls from."""
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
numbers = count(1)


@dataclass(slots=True)
class Badges:
    """Believes whoever names somebody that it knows."""

    known: dict[str, Caller] = field(
        default_factory=lambda: {
            SERVICE: Caller(SERVICE, CallerKind.SERVICE),
            ROOT: Caller("user_root", CallerKind.USER, is_administrator=True),
        }
    )

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = self.known.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@dataclass(frozen=True, slots=True)
class Key:
    """A node's key pair."""

    seed: bytes

    @property
    def public(self) -> str:
        return public_key_of(self.seed)


def new_key() -> Key:
    return Key(os.urandom(32))


def new_name(kind: str) -> str:
    return f"{kind}-{next(numbers)}"


@dataclass(slots=True)
class World:
    """What tests touch."""

    http: httpx.AsyncClient
    database: Database
    server: NatsServer
    queue: QueueClient
    nodes: Nodes
    accounts: AccountsClient
    badges: Badges
    now: datetime = field(default_factory=now_utc)

    def as_(self, badge: str) -> NodesClient:
        """Nodes, asked as somebody; by nobody with an empty badge."""
        service = ServiceHttp(self.http)
        return NodesClient(service.as_caller(badge) if badge else service)

    async def person(self) -> str:
        """A new user, whose id is their badge."""
        body = {"email": f"person{next(numbers)}@example.org", "name": "Somebody", "password": "correct horse battery"}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        self.badges.known[user.id] = Caller(user.id, CallerKind.USER)
        return user.id

    async def node(self, operator_id: str, *, key: Key | None = None, is_self_placing: bool = False) -> str:
        """A new node, registered as `up` does."""
        node_id = new_name("node")
        await self.as_(SERVICE).register_directly(
            node_id=node_id,
            public_key=(key or new_key()).public,
            operator_id=operator_id,
            is_self_placing=is_self_placing,
        )
        return node_id

    async def register(self, token: str, node_id: str, key: Key) -> RegistrationView:
        """Register as a node does."""
        proof = signature_of(registration_text(token, node_id), key.seed)
        return await self.as_("").register(token=token, node_id=node_id, public_key=key.public, proof=proof)

    @asynccontextmanager
    async def signed_in(self, node_id: str, key: Key) -> AsyncIterator[QueueClient]:
        """The queue, as the holder of a key."""
        opening = QueueClient.open(self.server.url, nkey_seed=key.seed, inbox_prefix=inbox_prefix(node_id))
        async with asyncio.timeout(20), opening as queue:
            yield queue


@pytest_asyncio.fixture(scope="session")
async def world(postgres: PostgresServer) -> AsyncIterator[World]:
    url = await _fresh_database(postgres)
    async with AsyncExitStack() as stack:
        enter, directory = stack.enter_async_context, stack.enter_context(temporary_directory())
        server = await enter(running_nats(directory))
        secrets = directory / "secrets"
        database = await enter(Database.open(url))
        queue = await enter(QueueClient.open(server.url, user=server.user, password=server.password))
        await queue.ensure_streams()
        transport = InMemoryTransport()
        http = await enter(in_memory_http(transport))
        accounts = AccountsClient(ServiceHttp(http).as_caller(SERVICE))
        nodes = open_nodes(
            database=database,
            queue=queue,
            access=QueueAccess(server.url, "nats://queue.example.org", queue_secrets(secrets)),
            accounts=accounts,
            clock=now_utc,
            interval_seconds=30,
        )
        components = [
            await enter(open_accounts(database=database, secrets=secrets, clock=now_utc, hasher=QUICK_HASHER)),
            await enter(open_compute(queue, clock=now_utc, nodes=nodes)),
        ]
        badges = Badges()
        app = create_app(title="nodes", components=components, authenticator=badges, clock=now_utc)
        transport.connect(app)
        await enter(_working(nodes.tasks))
        yield World(http, database, server, queue, nodes, accounts, badges)


@pytest.fixture(autouse=True)
def _nobody_failed_before(world: World) -> None:
    world.nodes.throttle.succeeded(ADDRESS)


@pytest.fixture
def key() -> Key:
    return new_key()


@asynccontextmanager
async def _working(tasks: list[BackgroundTask]) -> AsyncIterator[None]:
    running = [asyncio.ensure_future(task.run()) for task in tasks]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _fresh_database(postgres: PostgresServer) -> str:
    name = f"nodes_{next(numbers)}"
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(postgres.url, dbname=name)
    await asyncio.to_thread(migrate, url)
    return url
