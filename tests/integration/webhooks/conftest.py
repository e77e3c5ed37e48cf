"""The world of webhooks: the real routes on the real database, a receiver on loopback, and a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock
from tests.integration.owning import owning
from tests.integration.webhooks.receiver import Receiver, receiving

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.compute.client import ComputeClient
from fogbank.kernel.networks import networks_of
from fogbank.notifications.model import Channel, EventType, Notice
from fogbank.notifications.webhooks.ending import Ending
from fogbank.notifications.webhooks.opening import Webhooks, open_webhooks
from fogbank.notifications.webhooks.sending import Sending
from fogbank.notifications.webhooks.telling import Telling
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.outbound.client import Outbound
from fogbank.runtime.outbound.resolving import SystemResolver
from fogbank.runtime.problems import Problem
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import WebhooksSettings

CALLERS = {
    "ann": Caller("user_ann", CallerKind.USER, {"org_fog": "owner", "org_sea": "member"}),
    "bob": Caller("user_bob", CallerKind.USER, {"org_fog": "admin"}),
    "may": Caller("user_may", CallerKind.USER, {"org_fog": "member"}),
    "eve": Caller("user_eve", CallerKind.USER),
    "reader": Caller("user_ann", CallerKind.USER, scopes=frozenset({"notifications:read"})),
    "root": Caller("user_root", CallerKind.USER, is_administrator=True),
    "portal": Caller("portal", CallerKind.SERVICE),
}
SETTINGS = WebhooksSettings(allow_private=("127.0.0.0/8",), plain_http="allowed", per_account_max=5)
PATH = "/api/v1/webhooks"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
_numbers = count(1)


class Badges:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@dataclass
class World:
    """What tests hold in their hands."""

    database: Database
    clock: MovingClock
    http: httpx.AsyncClient
    webhooks: Webhooks
    accounts: AccountsClient
    receiver: Receiver
    sending: Sending
    telling: Telling
    told: list[Notice]

    async def ask(self, who: str, method: str, path: str = "", **rest: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {who}", **rest.pop("headers", {})}
        return await self.http.request(method, PATH + path, headers=headers, **rest)

    async def webhook(self, path: str = "/hook", who: str = "ann", **wish: Any) -> dict[str, Any]:
        """A new webhook to `path` of the receiver, with its secret under `secret`."""
        body = {"url": self.receiver.url(path), "event_types": ["threshold_violation"], **wish}
        answer = await self.ask(who, "POST", json=body)
        assert answer.status_code == 201, answer.text
        created = answer.json()
        return {**created["webhook"], "secret": created["secret"]}

    async def tell(self, account_id: str = "user_ann", **facts: Any) -> Notice:
        """Something that happened to an account, written for its webhooks."""
        notice = notice_of(account_id, **facts)
        async with self.database.transaction() as tx:
            await self.webhooks.enqueue(tx, notice)
        return notice

    async def send_due(self) -> int:
        """Send what is due and there is room for, to the end; how many posts."""
        taken = await self.sending._take()
        await asyncio.gather(*map(self.sending._send, taken))
        return len(taken)

    async def deliveries(self, webhook_id: str, who: str = "ann", **params: Any) -> list[dict[str, Any]]:
        """The webhook's log, newest first."""
        answer = await self.ask(who, "GET", f"/{webhook_id}/deliveries", params=params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["deliveries"]
        return found

    async def read(self, webhook_id: str, who: str = "ann") -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask(who, "GET", f"/{webhook_id}")).json()
        return found


def notice_of(account_id: str, **facts: Any) -> Notice:
    number = next(_numbers)
    known: dict[str, Any] = {
        "id": f"threshold.violated:{number}",
        "event_type": EventType.THRESHOLD_VIOLATION,
        "user_id": None,
        "org_id": None,
        "instance_id": None,
        "title": "Storage is over its limit",
        "text": "Storage is at 512 GB, over the limit of 500 GB.",
        "data": {"resource_type": "storage", "value": "512", "threshold_value": "500", "units": "GB"},
        "occurred_at": now_utc(),
        "channels": frozenset({Channel.API_CALLBACK}),
    }
    return Notice(account_id=account_id, **{**known, **facts})


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest_asyncio.fixture(scope="session")
async def accounts(database: Database, tmp_path_factory: Any) -> AsyncIterator[AccountsClient]:
    """Accounts, with its activity log."""
    secrets: Path = tmp_path_factory.mktemp("secrets")
    transport = InMemoryTransport()
    async with (
        in_memory_http(transport) as http,
        open_accounts(database=database, secrets=secrets, clock=now_utc, hasher=QUICK_HASHER) as component,
    ):
        authenticator = local_authenticator(database=database, secrets=secrets, clock=now_utc)
        app = create_app(title="Accounts", components=[component], authenticator=authenticator, clock=now_utc)
        transport.connect(app)
        token = ServiceToken(http, "portal", service_secret(secrets, "portal"), now_utc)
        yield AccountsClient(ServiceHttp(http, token))


@asynccontextmanager
async def sending_on(
    database: Database, secrets: Path, clock: Callable[[], datetime], deadline_seconds: float = 5.0
) -> AsyncIterator[Sending]:
    """What sends, with shorter patience than in earnest."""
    resolver = SystemResolver()
    networks = networks_of(SETTINGS.allow_private)
    async with Outbound.open(resolver, private_networks=networks, deadline_seconds=deadline_seconds) as outbound:
        keys = SealingKeys.of(secrets, system_entropy)
        ending = Ending(database, clock, system_entropy)
        yield Sending(database, outbound, keys, ending, clock, allow_http=True, look_seconds=0.05)
    resolver.close()


@pytest_asyncio.fixture
async def world(
    database: Database, accounts: AccountsClient, receiver: Receiver, tmp_path: Path
) -> AsyncIterator[World]:
    async with owning(database) as connection:
        await connection.execute("TRUNCATE notifications.webhooks CASCADE")
    clock, transport, told = MovingClock(now_utc()), InMemoryTransport(), []  # receivers refuse old signatures

    async def tell(notice: Notice) -> None:
        told.append(notice)

    async with (
        in_memory_http(transport) as http,
        open_webhooks(
            database=database,
            secrets=tmp_path,
            compute=ComputeClient(ServiceHttp(http)),
            activity=accounts,
            tell=tell,
            settings=SETTINGS,
            interval_seconds=30,
            clock=clock,
        ) as webhooks,
        sending_on(database, tmp_path, clock) as sending,
    ):
        component = Component("notifications", Health(clock), routers=webhooks.routers)
        transport.connect(create_app(title="T", components=[component], authenticator=Badges(), clock=clock))
        telling = Telling(database, tell)
        yield World(database, clock, http, webhooks, accounts, receiver, sending, telling, told)
