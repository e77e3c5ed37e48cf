"""Readings as people and other services are shown them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fogbank.kernel.periods import instant_of
from fogbank.usage.client.mending import CorrectionView, ReadingView
from fogbank.usage.mending.model import Correction, StoredReading
from fogbank.usage.rules import quantity_texts
from fogbank.usage.store.schema import METRICS


def instant_text(instant_us: int) -> str:
    """An instant as RFC 3339 has it, in UTC."""
    return instant_of(instant_us).isoformat().replace("+00:00", "Z")


def period_end(stored: StoredReading) -> datetime:
    return instant_of(stored.start_us + stored.content.length_us)


def content_document(stored: StoredReading) -> dict[str, Any]:
    """What a reading says, and at which revision, for the activity log."""
    content = stored.content
    return {
        "revision": stored.revision,
        "period_end": instant_text(stored.start_us + content.length_us),
        "user_id": content.user_id,
        "org_id": content.org_id or None,
        "metrics": quantity_texts(METRICS, content.metrics_micros),
    }


def reading_view(stored: StoredReading, corrections: Iterable[Correction]) -> ReadingView:
    content = stored.content
    return ReadingView(
        instance_id=stored.instance_id,
        period_start=instant_of(stored.start_us),
        period_end=period_end(stored),
        user_id=content.user_id,
        org_id=content.org_id or None,
        account_id=content.account_id,
        metrics=quantity_texts(METRICS, content.metrics_micros),
        node_id=stored.node_id,
        sequence=stored.sequence if stored.sequence >= 0 else None,
        revision=stored.revision,
        stream_sequence=stored.stream_sequence,
        ordinal=stored.ordinal,
        corrections=[
            CorrectionView(each.revision, each.actor_id, each.reason, instant_of(each.at_us)) for each in corrections
        ],
    )
