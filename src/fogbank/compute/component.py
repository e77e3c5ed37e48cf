"""Wiring: the current usage, the nodes and the thresholds as a component."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fogbank.compute.client import Admission, NodeBook
from fogbank.compute.current.admitting import Admitting
from fogbank.compute.current.api import current_routes
from fogbank.compute.current.service import CurrentUsageService
from fogbank.compute.nodes.opening import Nodes
from fogbank.compute.thresholds.opening import ThresholdsOpening
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health

INTERVAL_SECONDS = 30


@asynccontextmanager
async def open_compute(
    queue: QueueClient,
    *,
    clock: Clock,
    interval_seconds: int = INTERVAL_SECONDS,
    nodes: Nodes | None = None,
    thresholds: ThresholdsOpening | None = None,
    admission: Admission | None = None,
) -> AsyncIterator[Component]:
    """The component that answers what is used now, for nodes and for thresholds.

    `interval_seconds` is how often nodes report. Without `nodes` and `thresholds` it is the current picture alone;
    without `admission` every valid reading is in that.
    """
    health = Health(clock)
    with NodeBook.open(admission, clock, health) if admission else nullcontext() as book:
        admitting = Admitting(book, nodes.observing.observe) if nodes else Admitting(book)
        service = CurrentUsageService(queue, clock, health, interval_seconds, admitting)
        limits = thresholds.over(service, queue, clock) if thresholds else None
        yield Component(
            name="compute",
            health=health,
            routers=[
                current_routes(service),
                *(nodes.routers if nodes else []),
                *([limits.router] if limits else []),
            ],
            tasks=[
                BackgroundTask("follow", service.follow),
                BackgroundTask("tidy", service.tidy),
                *(nodes.tasks if nodes else []),
                *(limits.tasks if limits else []),
            ],
        )
