"""The registry in which components count what they do: one per process, shown at `/metrics` beside the app's own."""

from prometheus_client import CollectorRegistry

FIGURES = CollectorRegistry()
