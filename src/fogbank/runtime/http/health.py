"""How this process is: for load balancers a status, for people each component's state, for Prometheus its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fogbank.runtime.component import Component
from fogbank.runtime.http.metrics import HttpMetrics

HEALTHY, UNHEALTHY = 200, 503


@dataclass(frozen=True, slots=True)
class HealthView:
    """Whether every component of this process is well."""

    ok: bool


@dataclass(frozen=True, slots=True)
class ComponentStatusView:
    """How one component is: when its main work last succeeded, and what it says."""

    name: str
    ok: bool
    last_success_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """How this process and each of its components are."""

    ok: bool
    components: list[ComponentStatusView]


def health_routes(components: Sequence[Component], metrics: HttpMetrics) -> APIRouter:
    """The routes that say how the process is. They are open: they name components and tell nobody's data."""
    router = APIRouter(tags=["health"])

    def is_ok() -> bool:
        return all(component.health.is_ok for component in components)

    @router.get("/health", responses={UNHEALTHY: {"model": HealthView, "description": "A component is not well."}})
    async def read_health(response: Response) -> HealthView:
        response.status_code = HEALTHY if is_ok() else UNHEALTHY
        return HealthView(is_ok())

    @router.get("/api/v1/health/status")
    async def read_status() -> StatusView:
        return StatusView(is_ok(), [_status_of(component) for component in components])

    @router.get("/metrics", include_in_schema=False)
    async def read_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _status_of(component: Component) -> ComponentStatusView:
    health = component.health
    return ComponentStatusView(component.name, health.is_ok, health.last_success_at, health.detail)
