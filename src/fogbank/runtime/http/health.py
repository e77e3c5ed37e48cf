"""How this process is: for load balancers a status, for people each component's state, for Prometheus its figures."""

from collections.abc import Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fogbank.runtime.component import Component
from fogbank.runtime.figures import FIGURES
from fogbank.runtime.http.behind import status_behind
from fogbank.runtime.http.gateway import Gateway
from fogbank.runtime.http.metrics import HttpMetrics
from fogbank.runtime.http.status import STATUS_PATH, ComponentStatusView, HealthView, StatusView

HEALTHY, UNHEALTHY = 200, 503


def health_routes(components: Sequence[Component], metrics: HttpMetrics, gateway: Gateway | None) -> APIRouter:
    """The routes that say how the process is, and the one behind `gateway`.

    They are open: they name components and tell nobody's data.
    """
    router = APIRouter(tags=["health"])

    def is_ok() -> bool:
        return all(component.health.is_ok for component in components)

    @router.get("/health", responses={UNHEALTHY: {"model": HealthView, "description": "A component is not well."}})
    async def read_health(response: Response) -> HealthView:
        """Whether this process can do its work: 200 when it can, 503 when it cannot."""
        response.status_code = HEALTHY if is_ok() else UNHEALTHY
        return HealthView(is_ok())

    @router.get(STATUS_PATH)
    async def read_status() -> StatusView:
        """How each component is, and when its work last succeeded."""
        behind = await status_behind(gateway) if gateway is not None else []
        statuses = [*map(_status_of, components), *behind]
        return StatusView(all(status.ok for status in statuses), statuses)

    @router.get("/metrics", include_in_schema=False)
    async def read_metrics() -> Response:
        figures = generate_latest(metrics.registry) + generate_latest(FIGURES)
        return Response(figures, media_type=CONTENT_TYPE_LATEST)

    return router


def _status_of(component: Component) -> ComponentStatusView:
    health = component.health
    return ComponentStatusView(component.name, health.is_ok, health.last_success_at, health.detail)
