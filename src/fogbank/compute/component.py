"""Wiring: the current usage and the nodes as a component."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.compute.current.api import current_routes
from fogbank.compute.current.service import CurrentUsageService
from fogbank.compute.nodes.opening import Nodes
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health

INTERVAL_SECONDS = 30


@asynccontextmanager
async def open_compute(
    queue: QueueClient, *, clock: Clock, interval_seconds: int = INTERVAL_SECONDS, nodes: Nodes | None = None
) -> AsyncIterator[Component]:
    """The component that answers what is used now, and for nodes. `interval_seconds` is how often those report.

    Without `nodes` it is the current picture alone.
    """
    health = Health(clock)
    service = CurrentUsageService(queue, clock, health, interval_seconds)
    yield Component(
        name="compute",
        health=health,
        routers=[current_routes(service), *(nodes.routers if nodes else [])],
        tasks=[
            BackgroundTask("follow", service.follow),
            BackgroundTask("tidy", service.tidy),
            *(nodes.tasks if nodes else []),
        ],
    )
