"""One process of components: what they share, and how they reach each other, in memory here or over HTTP elsewhere."""

import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from fogbank.accounts.client import ServiceToken, remote_authenticator, remote_credentials
from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED
from fogbank.cli.wiring.schemas import bring_up_to_date
from fogbank.kernel.networks import networks_of
from fogbank.queue.client import QueueClient, StreamLimits
from fogbank.runtime.auth import Authenticator
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import Clock, now_utc
from fogbank.runtime.component import Component, Health, PeriodicJob
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.gateway import Gateway
from fogbank.runtime.http.guards import Guards, Rates
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.resealing import Resealing
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings

COMPONENTS = {
    "accounts": ("accounts", "ledger"),
    "usage": ("usage",),
    "queue": ("queue",),
    "compute": ("compute",),
    "billing": ("billing",),
    "notifications": ("notifications",),
    "portal": ("portal",),
}
"""Every component that answers, in the order in which they are opened, and the parts that it is wired of."""

USAGE_PATHS = (
    "/api/v1/usage/{kind}/{id}/history",
    "/api/v1/usage/totals",
    "/api/v1/usage/instances/{id}/readings/{period_start}",
    "/api/v1/usage/conflicts",
    "/api/v1/usage/quarantine",
    "/api/v1/usage/quarantine/{id}",
    "/api/v1/usage/quarantine/{id}/replay",
    "/api/v1/usage/quarantine/{id}/discard",
    "/api/v1/usage/replays",
    "/api/v1/usage/replays/{id}",
    "/api/v1/usage/retention",
    "/api/v1/usage/retention/policies",
    "/api/v1/usage/retention/preview",
    "/api/v1/usage/retention/runs",
)
"""What the origin asks the usage process for."""

FORGETTING, RESEALING = "23 * * * *", "53 * * * *"

GIB = 1024**3
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0


@dataclass(slots=True)
class Process:
    """What the components of one process share. Opened on first need, closed with the process."""

    settings: Settings
    names: Sequence[str]
    stack: AsyncExitStack
    clock: Clock = now_utc
    transport: InMemoryTransport = field(default_factory=InMemoryTransport)
    _database: Database | None = None
    _queue: QueueClient | None = None

    @property
    def secrets(self) -> Path:
        return self.settings.data / "secrets"

    async def database(self) -> Database:
        """The pool, its schemas at their newest."""
        if self._database is None:
            url = _required(self.settings.postgres.url, "postgres.url", self.names)
            await bring_up_to_date(url)
            self._database = await self.stack.enter_async_context(Database.open(url))
        return self._database

    def keeping(self) -> Keeping | None:
        """What keeps answers under idempotency keys, in a process that has the database."""
        if self._database is None:
            return None
        return Keeping(self._database, SealingKeys.of(self.secrets, system_entropy), self.clock, system_entropy)

    async def queue(self) -> QueueClient:
        """The connection to the queue, its streams made."""
        if self._queue is None:
            queue = self.settings.queue
            url = _required(queue.url, "queue.url", self.names)
            limits = StreamLimits(
                usage_days=queue.usage_days, usage_bytes_max=queue.usage_gib * GIB, replicas=queue.replicas
            )
            opening = QueueClient.open(url, user=queue.user or None, password=queue.password or None, limits=limits)
            self._queue = await self.stack.enter_async_context(opening)
            await self._queue.ensure_streams()
        return self._queue

    def http_to(self, component: str) -> httpx.AsyncClient:
        """The way to a component: in memory when it is here, else to the URL that the settings name."""
        if component in self.names:
            return in_memory_http(self.transport)
        group = "usage" if component == "usage" else "services"
        url = getattr(self.settings, group).url
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        return httpx.AsyncClient(base_url=_required(url, f"{group}.url", self.names), timeout=timeout)

    def service(self, component: str, *, as_service: str) -> ServiceHttp:
        """`component`, asked in the name of the service that asks."""
        return ServiceHttp(self.http_to(component), self.token_of(as_service, component))

    def token_of(self, service_id: str, audience: str) -> ServiceToken:
        """The tokens that a service shows to another, `audience`, and that are good for nobody else."""
        secret = service_secret(self.secrets, service_id)
        return ServiceToken(self.http_to("accounts"), service_id, secret, self.clock, (audience,))


@asynccontextmanager
async def wired(settings: Settings, names: Sequence[str]) -> AsyncIterator[FastAPI]:
    """The app of a process with these components, its servers reached and its schemas migrated."""
    async with AsyncExitStack() as stack:
        process = Process(settings, names, stack)
        parts = [part for name, parts in COMPONENTS.items() if name in names for part in parts]
        components = [await _opened(process, part) for part in parts]
        authenticator, credentials = await _authenticator(process)
        components.append(credentials)
        keeping = process.keeping()
        if keeping is not None:
            components.append(_http(process, keeping))
        if any(component.jobs for component in components):
            components.append(await _jobs(process, components))
        app = create_app(
            title=f"Fogbank {' '.join(names)}",
            components=components,
            authenticator=authenticator,
            clock=process.clock,
            gateway=_gateway(process),
            guards=_guards(settings),
            keeping=keeping,
        )
        process.transport.connect(app)
        yield app


async def _opened(process: Process, name: str) -> Component:
    module = importlib.import_module(f"fogbank.cli.wiring.{name}")
    component: Component = await module.opened(process)
    return component


async def _jobs(process: Process, components: Sequence[Component]) -> Component:
    """The worker of the components' periodic jobs."""
    jobs = importlib.import_module("fogbank.runtime.jobs")
    opening = jobs.open_jobs(url=process.settings.postgres.url, clock=process.clock, components=components)
    worker: Component = await process.stack.enter_async_context(opening)
    return worker


async def _authenticator(process: Process) -> tuple[Authenticator, Component]:
    """Who finds out who calls this process, and what keeps it up to date."""
    clock, audience = process.clock, frozenset(process.names)
    if "accounts" in process.names:
        accounts = importlib.import_module("fogbank.accounts.component")
        database = await process.database()
        local = accounts.local_authenticator(database=database, secrets=process.secrets, clock=clock, audience=audience)
        return local, accounts.local_credentials(local, database=database, clock=clock)
    http, token = process.http_to("accounts"), process.token_of(process.names[0], "accounts")
    remote = remote_authenticator(http=http, token=token, audience=audience, clock=clock)
    return remote, remote_credentials(remote, http=http, token=token, clock=clock)


def _gateway(process: Process) -> Gateway | None:
    """The public origin answers for usage too, by asking its process."""
    if "portal" not in process.names or "usage" in process.names:
        return None
    return Gateway("usage", USAGE_PATHS, process.http_to("usage"))


def _http(process: Process, keeping: Keeping) -> Component:
    """What HTTP itself keeps in the database, and what is done about it by the hour."""
    health = Health(process.clock)
    health.succeeded("answers are kept under their keys")
    resealing = Resealing(keeping.database, process.secrets, process.clock, system_entropy)
    return Component(
        name="http",
        health=health,
        jobs=[
            PeriodicJob("http.forget_keys", FORGETTING, keeping.forget_old),
            PeriodicJob("http.reseal", RESEALING, resealing.run),
        ],
    )


def _guards(settings: Settings) -> Guards:
    rates = settings.rates
    return Guards(
        rates=Rates(
            sign_in=rates.sign_in_per_minute,
            address=rates.address_per_minute,
            key=rates.key_per_minute,
            caller=rates.caller_per_minute,
            sending=rates.sending_per_minute,
        ),
        request_seconds_max=settings.http.request_seconds_max,
        trusted_proxies=networks_of(settings.http.trusted_proxies),
        proxies_write=settings.http.proxies_write,
        public_url=settings.public_url,
    )


def _required(value: str, name: str, names: Sequence[str]) -> str:
    if not value:
        raise Refused(
            f"{name} is not set, and `fogbank run {' '.join(names)}` needs it; "
            f"set FOGBANK_{name.replace('.', '_').upper()}, or start everything with `fogbank up`.",
            MISUSED,
        )
    return value
