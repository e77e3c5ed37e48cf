"""The world of usage: a queue of its own, the real store, the component served in memory, and a clock that is set."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from tests.clock import MovingClock

from fogbank.accounts.client import InstanceTiersView, TierChangeView
from fogbank.events.batch import Batch, pack
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.queue.errors import QueueUnavailable
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Component
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.usage.client import Totals, UsageClient
from fogbank.usage.component import open_usage

SERVICE = Caller("audit", CallerKind.SERVICE)
MARCH = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = MARCH + timedelta(days=40)
METRICS = {
    "cpu_seconds": 3.0,
    "cpu_percent_avg": 10.0,
    "memory_gb": 4.2,
    "memory_percent": 52.5,
    "storage_gb": 25.7,
    "network_egress_mb": 15.2,
    "network_ingress_mb": 8.7,
    "gpu_seconds": 0,
}


def reading(instance_id: str, start: datetime, seconds: int = 30, **changes: Any) -> dict[str, Any]:
    """A valid event; `metrics` among the changes are merged."""
    metrics = {**METRICS, **changes.pop("metrics", {})}
    end = start + timedelta(seconds=seconds)
    return {
        "event_type": "resource_usage",
        "version": "1.0",
        "timestamp": end.isoformat(),
        "user_id": f"user_of_{instance_id}",
        "instance_id": instance_id,
        "metrics": metrics,
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        **changes,
    }


@dataclass(slots=True)
class CallersByToken:
    """Knows each caller by the token that is their id."""

    callers: dict[str, Caller] = field(default_factory=lambda: {SERVICE.id: SERVICE})

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        return self.callers[headers["authorization"].removeprefix("Bearer ")]


@dataclass(slots=True)
class TiersTold:
    """Tells of changes of tiers, two at a time, and says when everything was taken."""

    changes: list[TierChangeView] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def tiers_changed(self, changed_since: int) -> InstanceTiersView:
        page = [each for each in self.changes if each.change > changed_since][:2]
        if not page:
            self.taken.set()
        return InstanceTiersView(page, page[-1].change if page else changed_since)


@dataclass(slots=True)
class World:
    """What tests touch."""

    queue: QueueClient
    http: httpx.AsyncClient
    authenticator: CallersByToken
    component: Component
    clock: MovingClock
    server: NatsServer
    tiers: TiersTold
    numbers: int = 0

    async def send(self, *events: Mapping[str, Any] | bytes, node_id: str = "node-1") -> int:
        """Publish one message, and return its place in the stream."""
        raws = [event if isinstance(event, bytes) else msgspec.json.encode(event) for event in events]
        return await self.send_batch(pack(raws, node_id, 0, 0), node_id)

    async def send_batch(self, batch: Batch, node_id: str = "node-1") -> int:
        self.numbers += 1
        headers = {**batch.headers, "Nats-Msg-Id": f"test-{self.numbers}"}
        return await self.queue.publish(usage_subject(node_id), Batch(batch.payload, headers))

    def client(self, caller: Caller = SERVICE) -> UsageClient:
        self.authenticator.callers[caller.id] = caller
        return UsageClient(ServiceHttp(self.http).as_caller(caller.id))

    async def settled(self) -> None:
        """Wait until the queue is drained, and every window is rolled up: asking for figures sees to that."""
        while await self.queue.usage_pending("usage"):  # noqa: ASYNC110 - another process knows, and does not tell
            await asyncio.sleep(0.01)
        await self.client().figures()

    async def in_tier(self, instance_id: str, tier: str, since: datetime) -> None:
        """Say that an instance came into a tier, and wait until that is known."""
        self.tiers.changes.append(TierChangeView(len(self.tiers.changes) + 1, instance_id, tier, since))
        self.tiers.taken.clear()
        [following] = [task for task in self.component.tasks if task.name == "tiers"]
        running = asyncio.ensure_future(following.run())
        await self.tiers.taken.wait()
        running.cancel()

    async def health_is(self, ok: bool) -> None:
        """Wait until the component says that it is well, or that it is not."""
        while self.component.health.is_ok is not ok:  # noqa: ASYNC110 - health is asked for, it does not call
            await asyncio.sleep(0.02)

    async def rolled_up(self) -> None:
        """Let an hour come to rest, and wait until a pass took everything."""
        self.clock.now += timedelta(minutes=1)
        await self.settled()

    async def totals_when(self, is_there: Callable[[Totals], bool], changed_since: int = 0) -> Totals:
        """The totals once they are as expected."""
        while True:
            totals = await self.client().totals(changed_since)
            if is_there(totals):
                return totals
            await asyncio.sleep(0.02)


async def consuming(queue: QueueClient) -> None:
    """Wait until ingestion has made its consumer, which the queue is asked about."""
    while True:
        try:
            await queue.usage_pending("usage")
        except QueueUnavailable:
            await asyncio.sleep(0.01)
        else:
            return


@asynccontextmanager
async def opened_world(dsn_in: Callable[[Path], str], cluster: str = "") -> AsyncIterator[World]:
    """A world whose store is at the DSN that `dsn_in` makes of its data directory."""
    async with AsyncExitStack() as stack:
        clock, tiers = MovingClock(LATER), TiersTold()
        data_dir = stack.enter_context(temporary_directory())
        nats = await stack.enter_async_context(running_nats(data_dir))
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        component = await stack.enter_async_context(
            open_usage(
                queue=queue,
                dsn=dsn_in(data_dir),
                cluster=cluster,
                clock=clock,
                rollup_interval_seconds=0.1,
                tiers=tiers,
            )
        )
        await stack.enter_async_context(running_tasks([component]))
        await consuming(queue)
        authenticator = CallersByToken()
        transport = InMemoryTransport()
        transport.connect(create_app(title="usage", components=[component], authenticator=authenticator, clock=clock))
        http = await stack.enter_async_context(in_memory_http(transport))
        yield World(queue, http, authenticator, component, clock, nats, tiers)


@pytest_asyncio.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    """Each module's own: one process has one embedded store at a time, and some modules bring theirs."""
    async with opened_world(lambda data_dir: f"chdb://{data_dir}/usage") as world:
        yield world
