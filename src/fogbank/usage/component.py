"""Usage, wired: its store, its two background tasks, its routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.queue.client import ALL, QueueClient, Share
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.usage.api import service_routes
from fogbank.usage.auditing import Auditing
from fogbank.usage.backups import Backups, backup_routes
from fogbank.usage.history.api import history_routes
from fogbank.usage.history.service import HistoryService
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.mending.opening import mending_of
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.needs import Billing
from fogbank.usage.retention.opening import retention_of
from fogbank.usage.retention.policies import Activity
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, rollups
from fogbank.usage.store import retention as store
from fogbank.usage.store.engine import Engine
from fogbank.usage.tiering import TierChanges, Tiering
from fogbank.usage.totalling import Totalling

ROLLUP_INTERVAL_SECONDS = 10.0


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
    activity: Activity | None = None,
    tiers: TierChanges | None = None,
) -> AsyncIterator[Component]:
    """Usage over the store at `dsn`: `chdb:///directory` for the embedded engine, or a ClickHouse server's URL.

    One process at a time owns an embedded store, and must not fork while it does. `rollup_interval_seconds` is how old
    the money that billing sees may be. `billing` says what retention must not drop: without it, everything. `activity`
    is where acts of administrators are written. `tiers` says which instance is in which tier: else all are standard.

    With `cluster`, the server is one of that cluster's. Of several processes that write into it, each takes its `share`
    of the readings, and the first of them rolls up and answers. Retention is for one process and one server.
    """
    await queue.ensure_streams()
    async with Engine.open(dsn, cluster) as engine:
        revision = await rollups.last_revision(engine)
        stamps = Stamps(clock, max(revision, await marks.last_mark(engine)))
        health = Health(clock)
        floors = await store.floors_now(engine)
        intake = Intake(floors)
        rolling = Rolling(engine, stamps, clock, rollup_interval_seconds, revision, floors)
        retention = retention_of(
            engine=engine,
            intake=intake,
            rolling=rolling,
            billing=billing,
            activity=activity,
            queue_days=queue.limits.usage_days,
            clock=clock,
        )
        with Readers.open(dsn) as readers:
            ingestion = Ingestion(queue, engine, readers, stamps, health, intake=intake, share=share)
            ingesting = BackgroundTask("ingestion", ingestion.run)
            if share.worker:
                yield Component(name="usage", health=health, tasks=[ingesting])
                return
            mending = mending_of(
                queue=queue,
                engine=engine,
                ingestion=ingestion,
                stamps=stamps,
                activity=activity,
                clock=clock,
                interval_seconds=rollup_interval_seconds,
            )
            backups = Backups(engine, [retention.paused, rolling.paused])
            await backups.let_go()  # of what a killed one left
            auditing = Auditing(queue, engine, readers, rolling, floors, share.workers)
            is_alone = share == ALL and not cluster
            yield Component(
                name="usage",
                health=health,
                routers=[
                    *service_routes(Totalling(engine, rolling), auditing),
                    backup_routes(backups),
                    *(retention.routers if is_alone else []),
                    *mending.routers,
                    *history_routes(HistoryService(engine, clock, floors), clock),
                ],
                tasks=[
                    ingesting,
                    BackgroundTask("rolling", rolling.run),
                    *([retention.task] if is_alone else []),
                    *mending.tasks,
                    *([BackgroundTask("tiers", Tiering(engine, tiers).run)] if tiers else []),
                ],
            )
