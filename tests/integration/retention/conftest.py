"""The world of retention: usage over the real queue and store, billing that says what it needs, an activity log."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest_asyncio
from tests.clock import MovingClock
from tests.integration.usage.conftest import METRICS, SERVICE, CallersByToken, consuming, reading

from fogbank.events.batch import Batch, pack
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.problems import Problem
from fogbank.usage.client import UsageClient, UsageFigures
from fogbank.usage.client.retention import RetentionClient
from fogbank.usage.component import open_usage

ADMIN = Caller("admin", CallerKind.USER, is_administrator=True)
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
PLACES = ("stored", "windows", "days", "hours")

__all__ = ["METRICS", "SERVICE", "reading"]


@dataclass(slots=True)
class StatedNeeds:
    """Billing, as far as retention asks it: it says what a test states, or is away."""

    needed: datetime | None = None

    async def needed_from(self) -> datetime:
        if self.needed is None:
            raise Problem(503, "service-unavailable", "The service does not answer.")
        return self.needed


@dataclass(slots=True)
class Acts:
    """The activity log, as far as usage writes it."""

    written: list[Mapping[str, Any]] = field(default_factory=list)

    async def record_activity(self, **act: Any) -> None:
        self.written.append(act)


@dataclass(slots=True)
class World:
    """What tests touch."""

    queue: QueueClient
    dsn: str
    clock: MovingClock = field(default_factory=lambda: MovingClock(NOW))
    needs: StatedNeeds = field(default_factory=lambda: StatedNeeds(NOW))
    acts: Acts = field(default_factory=Acts)
    authenticator: CallersByToken = field(default_factory=CallersByToken)
    transport: InMemoryTransport = field(default_factory=InMemoryTransport)
    numbers: int = 0
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Start usage, anew where it runs."""
        await self._running.aclose()
        opening = open_usage(
            queue=self.queue,
            dsn=self.dsn,
            clock=self.clock,
            rollup_interval_seconds=0.1,
            billing=self.needs,
            activity=self.acts,
        )
        component = await self._running.enter_async_context(opening)
        await self._running.enter_async_context(running_tasks([component]))
        await consuming(self.queue)
        app = create_app(title="usage", components=[component], authenticator=self.authenticator, clock=self.clock)
        self.transport.connect(app)

    async def stop(self) -> None:
        await self._running.aclose()

    def http(self, caller: Caller) -> ServiceHttp:
        self.authenticator.callers[caller.id] = caller
        return ServiceHttp(in_memory_http(self.transport)).as_caller(caller.id)

    @property
    def usage(self) -> UsageClient:
        return UsageClient(self.http(SERVICE))

    def retention(self, caller: Caller = ADMIN) -> RetentionClient:
        return RetentionClient(self.http(caller))

    async def send(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Publish one message."""
        self.numbers += 1
        batch = pack([msgspec.json.encode(event) for event in events], "node-1", 0, 0)
        headers = {**batch.headers, "Nats-Msg-Id": f"test-{self.numbers}"}
        await self.queue.publish(usage_subject("node-1"), Batch(batch.payload, headers))

    async def stored(self) -> UsageFigures:
        """The audit's figures, when all that was sent is stored and rolled up."""
        while await self.queue.usage_pending("usage"):  # noqa: ASYNC110 - another process knows, and does not tell
            await asyncio.sleep(0.01)
        return await self.usage.figures()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        data_dir = stack.enter_context(temporary_directory())
        nats = await stack.enter_async_context(running_nats(data_dir))
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        world = World(queue, f"chdb://{data_dir}/usage")
        await world.start()
        stack.push_async_callback(world.stop)
        yield world
