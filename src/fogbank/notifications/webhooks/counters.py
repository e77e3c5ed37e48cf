"""What Prometheus counts of webhooks."""

from prometheus_client import Counter

from fogbank.runtime.figures import FIGURES

ATTEMPTS = Counter(
    "fogbank_notifications_webhook_attempts",
    "Attempts to post to webhooks, by what came of them: delivered, failed, gone.",
    ("verdict",),
    registry=FIGURES,
)
