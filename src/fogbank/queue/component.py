"""The queue, wired: its door and its registry over HTTP. The streams are NATS's; here is no store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.queue.api import EVENTS_PATH, door_routes
from fogbank.queue.client import QueueClient
from fogbank.queue.door.allowance import Allowances
from fogbank.queue.door.limits import DoorLimits
from fogbank.queue.door.service import Door
from fogbank.queue.door.tenancy import Senders
from fogbank.queue.registry import registry_routes
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds
from fogbank.runtime.component import BackgroundTask, Component, Health

CHECK_SECONDS = 5


@asynccontextmanager
async def open_queue(
    queue: QueueClient,
    *,
    clock: Clock,
    limits: DoorLimits | None = None,
    open_to: Senders = Senders.EVERYONE,
    monotonic: MonotonicClock = monotonic_seconds,
) -> AsyncIterator[Component]:
    """The component that takes readings over HTTP and publishes the schemas, on a queue whose streams are made."""
    limits = limits or DoorLimits()
    allowances = Allowances(
        {
            "requests": limits.requests_per_second,
            "events": limits.events_per_second,
            "bytes": limits.bytes_per_second,
        }
    )
    health = Health(clock)
    yield Component(
        name="queue",
        health=health,
        routers=[door_routes(Door(queue, limits, clock), open_to, allowances, monotonic), registry_routes()],
        tasks=[_connection_check(queue, health)],
        large_bodies={EVENTS_PATH: limits.body_bytes_max},
    )


def _connection_check(queue: QueueClient, health: Health) -> BackgroundTask:
    async def run() -> None:
        while True:
            if queue.is_connected:
                health.succeeded("the queue is connected")
            else:
                health.failed("the queue is down; the door answers 503")
            await asyncio.sleep(CHECK_SECONDS)

    return BackgroundTask("check the queue", run)
