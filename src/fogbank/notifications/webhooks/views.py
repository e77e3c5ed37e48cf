"""What the routes of webhooks answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fogbank.notifications.webhooks.model import Attempt, Delivery, DeliveryState, Webhook


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
class SecretView:
    """A new secret, shown this once. What is sent before `both_until` is signed with the one before it as well."""

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


def webhook_view(webhook: Webhook) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        event_types=sorted(webhook.event_types),
        account_id=webhook.account_id,
        user_id=webhook.user_id,
        org_id=webhook.org_id,
        instance_id=webhook.instance_id,
        description=webhook.description,
        is_enabled=webhook.is_enabled,
        disabled_because=webhook.disabled_because,
        disabled_at=webhook.disabled_at,
        failing_since=webhook.failing_since,
        last_success_at=webhook.succeeded_at,
        created_at=webhook.created_at,
    )


def delivery_view(delivery: Delivery, attempts: Sequence[Attempt]) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        event_type=delivery.event_type,
        state=delivery.state,
        created_at=delivery.created_at,
        next_attempt_at=delivery.due_at if delivery.state is DeliveryState.PENDING else None,
        ended_at=delivery.ended_at,
        attempts=[
            AttemptView(each.number, each.started_at, each.duration_ms, each.status, each.detail, each.answer)
            for each in attempts
        ],
        payload=delivery.payload,
    )
