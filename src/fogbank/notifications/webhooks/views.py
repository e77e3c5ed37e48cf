"""Webhooks and deliveries as the wire shows them. Pure."""

from collections.abc import Sequence

from fogbank.notifications.client import AttemptView, DeliveryView, WebhookView
from fogbank.notifications.webhooks.model import Attempt, Delivery, DeliveryState, Webhook


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
