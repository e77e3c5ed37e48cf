"""Figures for Prometheus: requests by route, how long they took, and how the components are."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from fogbank.runtime.component import Component

DURATION_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

NO_ROUTE = "(none)"
"""Where no route answered, all paths are one: what strangers try is not worth a figure each."""


class HttpMetrics:
    """One app's registry. A route is its template, never its path: paths carry ids and have no end."""

    def __init__(self, components: Sequence[Component]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(ComponentHealth(components))
        self._requests = Counter(
            "fogbank_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._durations = Histogram(
            "fogbank_http_request_duration_seconds",
            "From the request's head to the answer's end.",
            ("method", "route"),
            buckets=DURATION_BUCKETS_SECONDS,
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)


def route_template(scope: Scope) -> str:
    """The template of the route that answered, with the prefixes of every router around it."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    template = getattr(context or scope.get("route"), "path_format", None)
    return template if isinstance(template, str) else NO_ROUTE


class ComponentHealth(Collector):
    """Reads the components' health when asked, so there is nothing to keep in step."""

    def __init__(self, components: Sequence[Component]) -> None:
        self._components = components

    def collect(self) -> Iterable[Metric]:
        ok = GaugeMetricFamily("fogbank_component_ok", "1 when the component is well.", labels=["component"])
        last = GaugeMetricFamily(
            "fogbank_component_last_success_timestamp_seconds",
            "When its main work last succeeded, in Unix seconds.",
            labels=["component"],
        )
        for component in self._components:
            ok.add_metric([component.name], float(component.health.is_ok))
            if component.health.last_success_at is not None:
                last.add_metric([component.name], component.health.last_success_at.timestamp())
        return [ok, last]
