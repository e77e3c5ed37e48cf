"""Webhooks, wired: their routes, and what runs beside them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from fogbank.accounts.client import NotServed
from fogbank.compute.client import ComputeClient
from fogbank.kernel.networks import networks_of
from fogbank.notifications.model import Notice
from fogbank.notifications.webhooks.api.deliveries import delivery_routes
from fogbank.notifications.webhooks.api.webhooks import webhook_routes
from fogbank.notifications.webhooks.delivery_log import DeliveryLog
from fogbank.notifications.webhooks.ending import Ending
from fogbank.notifications.webhooks.managing import Managing
from fogbank.notifications.webhooks.metrics import Metrics
from fogbank.notifications.webhooks.queueing import Queueing
from fogbank.notifications.webhooks.sending import Sending
from fogbank.notifications.webhooks.telling import Tell, Telling
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, PeriodicJob
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy, system_entropy
from fogbank.runtime.outbound.client import Outbound
from fogbank.runtime.outbound.resolving import SystemResolver
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.settings import WebhooksSettings

HOURLY = "41 * * * *"


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What webhooks add to the component.

    `enqueue` writes a notice for the webhooks of its account, in the caller's transaction; the same notice again
    writes nothing.
    """

    routers: Sequence[APIRouter]
    tasks: Sequence[BackgroundTask]
    jobs: Sequence[PeriodicJob]
    enqueue: Callable[[Connection, Notice], Awaitable[int]]


@asynccontextmanager
async def open_webhooks(
    *,
    database: Database,
    secrets: Path,
    compute: ComputeClient,
    activity: ActivityLog,
    tell: Tell,
    settings: WebhooksSettings,
    interval_seconds: int,
    clock: Clock,
    entropy: Entropy = system_entropy,
    not_served: NotServed | None = None,
) -> AsyncIterator[Webhooks]:
    """Webhooks on `database`, their sealing keys in the directory `secrets`.

    The current usage is posted every `interval_seconds`. `tell` tells the people of an account that a webhook of
    theirs was disabled. Webhooks of whom `not_served` knows get no current usage.
    """
    keys = SealingKeys.of(secrets, entropy)
    networks, allow_http = networks_of(settings.allow_private), settings.plain_http == "allowed"
    queueing = Queueing(clock, entropy)
    managing = Managing(
        database=database,
        keys=keys,
        activity=activity,
        clock=clock,
        entropy=entropy,
        webhooks_max=settings.per_account_max,
        allow_http=allow_http,
        private_networks=networks,
    )
    log = DeliveryLog(database, queueing, activity)
    resolver = SystemResolver()
    try:
        async with Outbound.open(resolver, private_networks=networks) as outbound:
            ending = Ending(database, clock, entropy)
            sending = Sending(database, outbound, keys, ending, clock, allow_http)
            metrics = Metrics(database, queueing, compute, interval_seconds, not_served or NotServed())
            yield Webhooks(
                routers=[webhook_routes(managing), delivery_routes(log)],
                tasks=[
                    BackgroundTask("send webhooks", sending.run),
                    BackgroundTask("post the current usage", metrics.run),
                    BackgroundTask("tell of disabled webhooks", Telling(database, tell).run),
                ],
                jobs=[PeriodicJob("notifications.forget_webhook_deliveries", HOURLY, log.forget)],
                enqueue=queueing.enqueue,
            )
    finally:
        resolver.close()
