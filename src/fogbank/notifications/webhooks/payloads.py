"""What is posted: `{"type": …, "timestamp": …, "data": {…}}`, as Standard Webhooks has it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from fogbank.compute.client import CurrentTotals, InstanceCurrent
from fogbank.notifications.model import Notice
from fogbank.notifications.webhooks.model import METRICS, TEST, Webhook


def payload_of(event_type: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The body of a post."""
    return msgspec.json.encode({"type": event_type, "timestamp": at, "data": data}).decode()


def notice_payload(notice: Notice) -> str:
    """A notice: the facts of its signal, whom they concern, and a sentence for people."""
    data = {
        **notice.data,
        "id": notice.id,
        "account_id": notice.account_id,
        "user_id": notice.user_id,
        "org_id": notice.org_id,
        "instance_id": notice.instance_id,
        "title": notice.title,
        "text": notice.text,
    }
    return payload_of(notice.event_type, notice.occurred_at, data)


def payload_of_test(webhook: Webhook, at: datetime) -> str:
    """What somebody posts to see whether it arrives."""
    return payload_of(TEST, at, {"webhook_id": webhook.id, "account_id": webhook.account_id})


def metrics_payload(
    webhook: Webhook, at: datetime, listed: Sequence[InstanceCurrent], *, page: int, pages: int, totals: CurrentTotals
) -> str:
    """One page of what the webhook's account, or its instance, uses. `totals` are of all its pages."""
    data = {
        "account_id": webhook.account_id,
        "instance_id": webhook.instance_id,
        "at": at,
        "page": page,
        "pages": pages,
        "totals": asdict(totals),
        "instances": listed,
    }
    return payload_of(METRICS, at, data)


def totals_of(instances: Sequence[InstanceCurrent]) -> CurrentTotals:
    """All together. Rates are of the fresh ones, as in the current usage: what is stale says nothing about now."""
    fresh = [instance for instance in instances if not instance.is_stale]
    rates: dict[str, Decimal] = {}
    for instance in fresh:
        for meter, rate in instance.per_second.items():
            rates[meter] = rates.get(meter, Decimal(0)) + Decimal(rate)
    per_second = {meter: f"{rate.normalize():f}" for meter, rate in rates.items()}
    return CurrentTotals(len(instances), len(instances) - len(fresh), per_second)
