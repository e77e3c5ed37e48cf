"""SQL of the delivery log: what was posted, each attempt, asking for it again, and forgetting it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, kwargs_row

from fogbank.notifications.webhooks.model import Attempt, Delivery, DeliveryState
from fogbank.runtime.database import Connection

SELECT = """
    SELECT number, id, webhook_id, event_type, payload, state, attempts, created_at, due_at, expires_at, ended_at
    FROM notifications.webhook_deliveries
"""
PAGE = (
    SELECT
    + """ WHERE webhook_id = %(webhook_id)s AND number < %(before)s
              AND (%(event_type)s::text IS NULL OR event_type = %(event_type)s)
              AND (%(state)s::text IS NULL OR state = %(state)s)
          ORDER BY number DESC LIMIT %(limit)s
"""
)
BY_ID = SELECT + " WHERE webhook_id = %(webhook_id)s AND id = %(id)s"
BY_EVENT = SELECT + " WHERE webhook_id = %(webhook_id)s AND event_type = %(event_type)s AND state = 'pending'"
ATTEMPTS = """
    SELECT delivery_id, number, started_at, duration_ms, status, detail, answer
    FROM notifications.webhook_attempts WHERE delivery_id = ANY (%(deliveries)s) ORDER BY delivery_id, number
"""
REPLAY = """
    UPDATE notifications.webhook_deliveries
    SET state = 'pending', tries = 0, due_at = %(now)s, expires_at = %(expires_at)s, ended_at = NULL
    WHERE id = %(id)s
"""
# An attempt that is under way moves its delivery's time on; one that is asked for meanwhile waits for its end.
HURRY = """
    UPDATE notifications.webhook_deliveries AS delivery SET due_at = %(now)s
    WHERE id = %(id)s AND due_at > %(now)s AND NOT EXISTS (
        SELECT FROM notifications.webhook_attempts
        WHERE delivery_id = delivery.id AND number = delivery.attempts AND duration_ms IS NULL
    )
"""
FORGET = "DELETE FROM notifications.webhook_deliveries WHERE ended_at < %(before)s"
# The type is written out, since only so the index of metrics is used.
FORGET_METRICS = "DELETE FROM notifications.webhook_deliveries WHERE event_type = 'metrics' AND ended_at < %(before)s"


def _delivery(**row: Any) -> Delivery:
    return Delivery(**{**row, "state": DeliveryState(row["state"])})


async def page(
    tx: Connection,
    webhook_id: str,
    *,
    before: int,
    limit: int,
    event_type: str | None = None,
    state: DeliveryState | None = None,
) -> Sequence[Delivery]:
    """Deliveries of a webhook, newest first."""
    facts = {"webhook_id": webhook_id, "before": before, "limit": limit, "event_type": event_type, "state": state}
    cursor = tx.cursor(row_factory=kwargs_row(_delivery))
    return await (await cursor.execute(PAGE, facts)).fetchall()


async def delivery(tx: Connection, webhook_id: str, delivery_id: str) -> Delivery | None:
    cursor = tx.cursor(row_factory=kwargs_row(_delivery))
    return await (await cursor.execute(BY_ID, {"webhook_id": webhook_id, "id": delivery_id})).fetchone()


async def pending_of_type(tx: Connection, webhook_id: str, event_type: str) -> Delivery | None:
    cursor = tx.cursor(row_factory=kwargs_row(_delivery))
    return await (await cursor.execute(BY_EVENT, {"webhook_id": webhook_id, "event_type": event_type})).fetchone()


async def attempts(tx: Connection, deliveries: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
    """The attempts at each of these deliveries, in their order."""
    cursor = tx.cursor(row_factory=class_row(Attempt))
    found: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in await (await cursor.execute(ATTEMPTS, {"deliveries": list(deliveries)})).fetchall():
        found[attempt.delivery_id].append(attempt)
    return found


async def replay(tx: Connection, delivery_id: str, now: datetime, expires_at: datetime) -> None:
    """Try it anew from now on, as often as at first."""
    await tx.execute(REPLAY, {"id": delivery_id, "now": now, "expires_at": expires_at})


async def hurry(tx: Connection, delivery_id: str, now: datetime) -> None:
    """Try it now instead of later."""
    await tx.execute(HURRY, {"id": delivery_id, "now": now})


async def forget(tx: Connection, before: datetime, metrics_before: datetime) -> None:
    """Delete what ended before, with its attempts."""
    await tx.execute(FORGET_METRICS, {"before": metrics_before})
    await tx.execute(FORGET, {"before": before})
