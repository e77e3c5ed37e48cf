"""What other components may know of compute: the current picture's views, and a typed client for them.

Rates are decimal strings of whole units per second, by meter. Instants are RFC 3339 in UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp

USAGE_PATH = "/api/v1/usage"
INSTANCES_MAX = 10_000
INSTANCES_USUAL = 1_000


@dataclass(frozen=True, slots=True)
class CurrentMetrics:
    """The metrics of a reading as its usage event has them, in the units that the names say."""

    cpu_seconds: float
    cpu_percent_avg: float
    memory_gb: float
    memory_percent: float
    storage_gb: float
    network_egress_mb: float
    network_ingress_mb: float
    gpu_seconds: float


@dataclass(frozen=True, slots=True)
class CurrentPeriod:
    """What the reading covers: from `start`, included, to `end`, excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class InstanceCurrent:
    """The latest reading of one instance.

    `per_second` is how fast each meter runs: CPU seconds per second are busy cores, GB·s per second are GB.
    `age_seconds` is how long ago the period ended; three intervals later the reading `is_stale`: nobody knows what
    holds now.
    """

    instance_id: str
    user_id: str
    org_id: str | None
    metrics: CurrentMetrics
    period: CurrentPeriod
    per_second: dict[str, str]
    age_seconds: float
    is_stale: bool


@dataclass(frozen=True, slots=True)
class CurrentTotals:
    """All instances together. Rates are of the fresh ones: a stale reading says nothing about now."""

    instances: int
    stale_instances: int
    per_second: dict[str, str]


@dataclass(frozen=True, slots=True)
class CurrentUsage:
    """What an instance, a user or an organisation uses `at` this moment.

    `totals` are of all its instances; `instances` lists them by id, from one after `after` on and at most `limit`.
    `next_cursor` asks for those that follow, and is null on the last page.
    """

    id: str
    at: datetime
    totals: CurrentTotals
    instances: list[InstanceCurrent]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """How many readings of the caller's accounts reach the queue, averaged over the last `window_seconds`."""

    events_per_second: float
    window_seconds: int


@dataclass(frozen=True, slots=True)
class ComputeClient:
    """Asks compute. Someone else's instance or account is a `Problem` 404."""

    service: ServiceHttp

    async def instance_current(self, instance_id: str) -> CurrentUsage:
        """The latest reading of one instance."""
        return await self._current("instances", instance_id)

    async def user_current(
        self, user_id: str, *, after: str | None = None, limit: int = INSTANCES_USUAL
    ) -> CurrentUsage:
        """The latest readings of all of a user's instances, summed, and listed by page."""
        return await self._current("users", user_id, after=after, limit=limit)

    async def organization_current(
        self, org_id: str, *, after: str | None = None, limit: int = INSTANCES_USUAL
    ) -> CurrentUsage:
        """The latest readings of all of an organisation's instances, summed, and listed by page."""
        return await self._current("organizations", org_id, after=after, limit=limit)

    async def activity(self) -> Activity:
        """How many readings come in; a service's are everybody's."""
        return await self.service.get(f"{USAGE_PATH}/activity", as_=Activity)

    async def _current(self, kind: str, identifier: str, **params: str | int | None) -> CurrentUsage:
        return await self.service.get(f"{USAGE_PATH}/{kind}/{identifier}/current", params=params, as_=CurrentUsage)
