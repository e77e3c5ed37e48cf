"""Retention, wired: its services over the store, its routes, its daily run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.usage.retention.api import retention_routes
from fogbank.usage.retention.daily import DailyRun
from fogbank.usage.retention.dropping import Dropping
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.needs import Billing, Needs
from fogbank.usage.retention.policies import Activity, PolicyService
from fogbank.usage.retention.service import RetentionService
from fogbank.usage.retention.settling import Settling
from fogbank.usage.rolling import Rolling
from fogbank.usage.store.engine import Engine


@dataclass(frozen=True, slots=True)
class Retention:
    """What usage makes of it. No run begins while it is paused, and none is under way."""

    routers: Sequence[APIRouter]
    task: BackgroundTask
    paused: Callable[[], AbstractAsyncContextManager[None]]


def retention_of(
    *,
    engine: Engine,
    intake: Intake,
    rolling: Rolling,
    billing: Billing | None,
    activity: Activity | None,
    queue_days: int,
    clock: Clock,
) -> Retention:
    """Retention over the store, whose floors `intake` goes by. Without billing, nothing is dropped.

    The queue holds readings for `queue_days`, and may be read again.
    """
    needs = Needs(billing, clock, queue_days)
    service = RetentionService(Settling(engine, intake, rolling), Dropping(engine, intake, rolling), needs, clock)
    policies = PolicyService(engine, intake.now, activity, clock, queue_days)
    return Retention(
        routers=retention_routes(policies, service),
        task=BackgroundTask("retention", DailyRun(service, clock).run),
        paused=service.paused,
    )
