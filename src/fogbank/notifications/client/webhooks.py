"""What other components may know of webhooks: the views that their routes answer, and a typed client for them."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp

WEBHOOKS_PATH = "/api/v1/webhooks"


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook. `disabled_because` is asked, gone (it answered 410) or failing (for three days), null while enabled.

    `failing_since` is the first failed attempt after which none succeeded.
    """

    id: str
    url: str
    event_types: list[str]
    account_id: str
    user_id: str | None
    org_id: str | None
    instance_id: str | None
    description: str
    is_enabled: bool
    disabled_because: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_success_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookCreatedView:
    """A new webhook, and the secret that verifies what is sent to it: shown this once."""

    webhook: WebhookView
    secret: str


@dataclass(frozen=True, slots=True)
class WebhooksView:
    """A page of webhooks, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    webhooks: list[WebhookView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class WebhookSecretView:
    """A new secret, shown this once. What is sent before `both_until` is signed with those before it as well."""

    secret: str
    both_until: datetime


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt: the status that came back (null where none did), what was wrong, and the first KiB of the answer.

    Without a duration it is under way, or was interrupted, so that nobody knows what came of it.
    """

    number: int
    started_at: datetime
    duration_ms: int | None
    status: int | None
    detail: str
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery and its attempts, oldest first. `id` is the header `webhook-id`.

    `state` is pending, delivered, failed (tried for a day) or dropped (not sent, since it became pointless).
    `next_attempt_at` is when a pending one is tried next. `payload` is null where it is kept no longer.
    """

    id: str
    event_type: str
    state: str
    created_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None
    attempts: list[AttemptView]
    payload: str | None


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """A page of deliveries, newest first; `next_cursor` is the `before` of the next page, or null at the end."""

    deliveries: list[DeliveryView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class WebhooksClient:
    """Speaks to webhooks; each call acts as the person whose token `http` shows."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "WebhooksClient":
        """The same, with a person's own token."""
        return WebhooksClient(self.http.as_caller(token))

    async def webhooks(
        self, account_id: str | None = None, *, after: str | None = None, limit: int | None = None
    ) -> WebhooksView:
        """A page of the webhooks of an account, or of all that one manages, by id."""
        params = {"account_id": account_id, "after": after, "limit": limit}
        return await self.http.get(WEBHOOKS_PATH, params=params, as_=WebhooksView)

    async def create(
        self, url: str, event_types: list[str], *, org_id: str | None = None, description: str = "", key: str = ""
    ) -> WebhookCreatedView:
        """A new webhook of one's own, or an organisation's; `Problem` 422 for a URL that we do not send to.

        The same again under a `key` is the same answer, for a day.
        """
        body = {"url": url, "event_types": event_types, "org_id": org_id, "description": description}
        headers = {"idempotency-key": key} if key else {}
        return await self.http.post(WEBHOOKS_PATH, body, as_=WebhookCreatedView, headers=headers)

    async def webhook(self, webhook_id: str) -> WebhookView:
        return await self.http.get(f"{WEBHOOKS_PATH}/{webhook_id}", as_=WebhookView)

    async def set_enabled(self, webhook_id: str, *, is_enabled: bool) -> WebhookView:
        """Disable it, which drops what waits, or enable it again."""
        return await self.http.patch(f"{WEBHOOKS_PATH}/{webhook_id}", {"is_enabled": is_enabled}, as_=WebhookView)

    async def delete(self, webhook_id: str) -> None:
        """With its log."""
        await self.http.delete(f"{WEBHOOKS_PATH}/{webhook_id}")

    async def new_secret(self, webhook_id: str) -> WebhookSecretView:
        """A new secret; for a day, both are signed with."""
        return await self.http.post(f"{WEBHOOKS_PATH}/{webhook_id}/secret", {}, as_=WebhookSecretView)

    async def test(self, webhook_id: str) -> DeliveryView:
        """Send a test, once."""
        return await self.http.post(f"{WEBHOOKS_PATH}/{webhook_id}/test", {}, as_=DeliveryView)

    async def deliveries(
        self, webhook_id: str, *, before: str | None = None, limit: int | None = None
    ) -> DeliveriesView:
        """A page of the log, newest first."""
        path, params = f"{WEBHOOKS_PATH}/{webhook_id}/deliveries", {"before": before, "limit": limit}
        return await self.http.get(path, params=params, as_=DeliveriesView)

    async def replay(self, webhook_id: str, delivery_id: str) -> DeliveryView:
        """Send it again, under its own id; `Problem` 409 for metrics, and where the webhook is disabled."""
        path = f"{WEBHOOKS_PATH}/{webhook_id}/deliveries/{delivery_id}/replay"
        return await self.http.post(path, {}, as_=DeliveryView)
