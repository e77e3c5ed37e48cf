"""The headers of a post, as Standard Webhooks has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version

from standardwebhooks import Webhook

JSON = "application/json"
USER_AGENT = f"Fogbank-Webhooks/{version('fogbank')}"


def headers_of(delivery_id: str, payload: str, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Signed `now`, which is UTC, by every secret that holds: a receiver that knows one of them is content."""
    signatures = [Webhook(secret).sign(delivery_id, now, payload) for secret in secrets]
    return {
        "content-type": JSON,
        "user-agent": USER_AGENT,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
