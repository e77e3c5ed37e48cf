"""What Prometheus counts of usage."""

from prometheus_client import Counter, Gauge

from fogbank.runtime.figures import FIGURES

EVENTS_STORED = Counter(
    "fogbank_usage_events_stored", "Readings written to the store, repeats included.", registry=FIGURES
)
EVENTS_REJECTED = Counter(
    "fogbank_usage_events_rejected", "Readings and whole messages set aside in the quarantine.", registry=FIGURES
)
NOT_ADMITTED = Counter(
    "fogbank_usage_not_admitted",
    "Of those, messages and readings that their node may not send, by why: unregistered, revoked, unsigned, "
    "unknown_key, wrong_signature, unplaced.",
    ("why",),
    registry=FIGURES,
)
BATCHES_FAILED = Counter(
    "fogbank_usage_batches_failed", "Batches that could not be stored and come again.", registry=FIGURES
)
MESSAGES_PENDING = Gauge(
    "fogbank_usage_messages_pending", "Messages of the queue that are not read yet.", registry=FIGURES
)
SPANS_ROLLED = Counter(
    "fogbank_usage_spans_rolled", "Windows and hours rolled up, repeats included.", ("grain",), registry=FIGURES
)
CONFLICTS_FOUND = Counter(
    "fogbank_usage_conflicts_found",
    "Readings of an identity that was there before with other content; the first one is billed.",
    registry=FIGURES,
)
