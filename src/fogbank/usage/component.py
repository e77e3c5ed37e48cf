"""Usage, wired: the flow of readings, what looks at it and mends it, and the routes of all that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.compute.client import Admission
from fogbank.queue.client import ALL, QueueClient, Share
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component
from fogbank.usage.api import service_routes
from fogbank.usage.backups import Backups, backup_routes
from fogbank.usage.flow import ROLLUP_INTERVAL_SECONDS, Flow
from fogbank.usage.history.api import history_routes
from fogbank.usage.history.service import HistoryService
from fogbank.usage.mending.opening import mending_of
from fogbank.usage.retention.needs import Billing
from fogbank.usage.retention.opening import retention_of
from fogbank.usage.tiering import TierChanges, Tiering
from fogbank.usage.totalling import Totalling


@asynccontextmanager
async def open_usage(
    *,
    queue: QueueClient,
    dsn: str,
    cluster: str = "",
    share: Share = ALL,
    clock: Clock,
    rollup_interval_seconds: float = ROLLUP_INTERVAL_SECONDS,
    billing: Billing | None = None,
    activity: ActivityLog | None = None,
    tiers: TierChanges | None = None,
    admission: Admission | None = None,
    batch_seed: bytes | None = None,
) -> AsyncIterator[Component]:
    """Usage over the store at `dsn`: `chdb:///directory` for the embedded engine, or a ClickHouse server's URL.

    One process at a time owns an embedded store, and must not fork while it does. `rollup_interval_seconds` is how old
    the money that billing sees may be. `billing` says what retention must not drop: without it, everything. `activity`
    is where acts of administrators are written. `tiers` says which instance is in which tier: else all are standard.
    `admission` says what nodes may say: without it, anything. What administrators send again is signed by `batch_seed`,
    the private key of `admission.own_key`.

    With `cluster`, the server is one of that cluster's. Of several processes that write into it, each takes its `share`
    of the readings, and the first of them rolls up and answers. Retention is for one process and one server.
    """
    await queue.ensure_streams()
    opening = Flow.open(
        queue,
        dsn,
        clock,
        cluster=cluster,
        share=share,
        rollup_interval_seconds=rollup_interval_seconds,
        admission=admission,
    )
    async with opening as flow:
        if share.worker:
            yield Component(name="usage", health=flow.health, tasks=[flow.ingesting])
            return
        mending = mending_of(flow, activity, batch_seed)
        retention = retention_of(flow, billing, activity)
        backups = Backups(flow.engine, [retention.paused, flow.rolling.paused])
        await backups.let_go()  # of what a killed one left
        is_alone = share == ALL and not cluster
        yield Component(
            name="usage",
            health=flow.health,
            routers=[
                *service_routes(Totalling(flow.engine, flow.rolling), flow.auditing),
                backup_routes(backups),
                *(retention.routers if is_alone else []),
                *mending.routers,
                *history_routes(HistoryService(flow.engine, clock, flow.floors), clock),
            ],
            tasks=[
                flow.ingesting,
                flow.rolling_up,
                *([retention.task] if is_alone else []),
                *mending.tasks,
                *([BackgroundTask("tiers", Tiering(flow.engine, tiers).run)] if tiers else []),
            ],
        )
