"""What Prometheus counts at the door."""

from prometheus_client import Counter

from fogbank.runtime.figures import FIGURES

EVENTS = Counter("fogbank_door_events", "Events that came over HTTP, by verdict.", ("verdict",), registry=FIGURES)
BYTES = Counter("fogbank_door_bytes", "Bytes of their bodies, as sent.", registry=FIGURES)
REFUSED = Counter(
    "fogbank_door_requests_refused", "Requests of which nothing was taken, by reason.", ("reason",), registry=FIGURES
)
