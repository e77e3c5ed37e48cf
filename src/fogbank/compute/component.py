"""Wiring: the current usage as a component."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.compute.current.api import current_routes
from fogbank.compute.current.service import CurrentUsageService
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health

INTERVAL_SECONDS = 30


@asynccontextmanager
async def open_compute(
    queue: QueueClient, *, clock: Clock, interval_seconds: int = INTERVAL_SECONDS
) -> AsyncIterator[Component]:
    """The component that answers what is used now. `interval_seconds` is how often nodes are expected to report."""
    health = Health(clock)
    service = CurrentUsageService(queue, clock, health, interval_seconds)
    yield Component(
        name="compute",
        health=health,
        routers=[current_routes(service)],
        tasks=[BackgroundTask("follow", service.follow), BackgroundTask("tidy", service.tidy)],
    )
