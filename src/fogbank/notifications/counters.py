"""What Prometheus counts of notifications."""

from prometheus_client import Counter, Gauge

from fogbank.runtime.figures import FIGURES

NOTICES_WRITTEN = Counter(
    "fogbank_notifications_notices_written",
    "Notices made of signals, repeats left out.",
    ("event_type",),
    registry=FIGURES,
)
EMAILS_ENDED = Counter(
    "fogbank_notifications_emails_ended",
    "E-mails that the mail server took, or that failed.",
    ("state",),
    registry=FIGURES,
)
EMAILS_WAITING = Gauge(
    "fogbank_notifications_emails_waiting",
    "E-mails that go out as soon as the mail server takes them.",
    registry=FIGURES,
)
