"""What Prometheus counts of usage."""

from prometheus_client import Counter, Gauge

EVENTS_STORED = Counter("fogbank_usage_events_stored", "Readings written to the store, repeats included.")
EVENTS_REJECTED = Counter("fogbank_usage_events_rejected", "Readings and whole messages set aside in the quarantine.")
BATCHES_FAILED = Counter("fogbank_usage_batches_failed", "Batches that could not be stored and come again.")
MESSAGES_PENDING = Gauge("fogbank_usage_messages_pending", "Messages of the queue that are not read yet.")
SPANS_ROLLED = Counter("fogbank_usage_spans_rolled", "Windows and hours rolled up, repeats included.", ("grain",))
