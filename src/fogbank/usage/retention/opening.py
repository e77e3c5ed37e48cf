"""Retention, wired: its services over the store, its routes, its daily run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.component import BackgroundTask
from fogbank.usage.flow import Flow
from fogbank.usage.retention.api import retention_routes
from fogbank.usage.retention.daily import DailyRun
from fogbank.usage.retention.dropping import Dropping
from fogbank.usage.retention.needs import Billing, Needs
from fogbank.usage.retention.policies import PolicyService
from fogbank.usage.retention.service import RetentionService
from fogbank.usage.retention.settling import Settling


@dataclass(frozen=True, slots=True)
class Retention:
    """What usage makes of it. No run begins while it is paused, and none is under way."""

    routers: Sequence[APIRouter]
    task: BackgroundTask
    paused: Callable[[], AbstractAsyncContextManager[None]]


def retention_of(flow: Flow, billing: Billing | None, activity: ActivityLog | None) -> Retention:
    """Retention over the store that the flow goes into. Without billing, nothing is dropped.

    The queue holds readings for some days, and may be read again.
    """
    engine, intake, rolling, queue_days = flow.engine, flow.intake, flow.rolling, flow.queue.limits.usage_days
    needs = Needs(billing, flow.clock, queue_days)
    service = RetentionService(Settling(engine, intake, rolling), Dropping(engine, intake, rolling), needs, flow.clock)
    policies = PolicyService(engine, intake.now, activity, flow.clock, queue_days)
    return Retention(
        routers=retention_routes(policies, service),
        task=BackgroundTask("retention", DailyRun(service, flow.clock).run),
        paused=service.paused,
    )
