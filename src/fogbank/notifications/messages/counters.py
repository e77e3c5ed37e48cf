"""What Prometheus counts of messages."""

from prometheus_client import Counter, Gauge

from fogbank.runtime.figures import FIGURES

MESSAGES_ENDED = Counter(
    "fogbank_notifications_messages_ended",
    "Messages of accounts that the mail server took, or that failed.",
    ("state",),
    registry=FIGURES,
)
MESSAGES_WAITING = Gauge(
    "fogbank_notifications_messages_waiting",
    "Messages of accounts that go out as soon as the mail server takes them.",
    registry=FIGURES,
)
