"""SQL of what is on its way: posts written, taken, and brought to an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from fogbank.notifications.webhooks.model import METRICS, Attempt, DeliveryState, Post
from fogbank.runtime.database import Connection

INSERT_ONCE = """
    INSERT INTO notifications.webhook_deliveries
        (id, webhook_id, event_type, event_id, payload, state, created_at, due_at, expires_at)
    VALUES (%(id)s, %(webhook_id)s, %(event_type)s, %(event_id)s, %(payload)s, 'pending', %(created_at)s,
            %(created_at)s, %(expires_at)s)
    ON CONFLICT (webhook_id, event_id) DO NOTHING
"""

# `busy` and `busy_accounts` name a webhook or account once for every post that is under way to it. What was said of a
# moment is not said after it.
TAKE = """
    WITH waiting AS (
        SELECT DISTINCT webhook_id FROM notifications.webhook_deliveries
        WHERE state = 'pending' AND due_at <= %(now)s
    ), room AS (
        SELECT hook.id, hook.account_id, hook.url,
               %(per_webhook)s - (SELECT count(*) FROM unnest(%(busy)s::text[]) AS busy WHERE busy = hook.id) AS posts,
               %(per_account)s - (SELECT count(*) FROM unnest(%(busy_accounts)s::text[]) AS busy
                                  WHERE busy = hook.account_id) AS posts_of_account
        FROM waiting JOIN notifications.webhooks AS hook ON hook.id = waiting.webhook_id
        WHERE hook.disabled_because IS NULL
    ), candidates AS (
        SELECT due.id, due.due_at, room.account_id, room.url, room.posts_of_account,
               row_number() OVER (PARTITION BY room.account_id ORDER BY due.due_at, due.number) AS place
        FROM room CROSS JOIN LATERAL (
            SELECT id, number, due_at FROM notifications.webhook_deliveries
            WHERE webhook_id = room.id AND state = 'pending' AND due_at <= %(now)s
                  AND (event_type <> %(metrics)s OR expires_at > %(now)s)
            ORDER BY due_at, number LIMIT greatest(room.posts, 0)
        ) AS due
    ), chosen AS (
        SELECT id, account_id, url FROM candidates WHERE place <= posts_of_account ORDER BY due_at LIMIT %(limit)s
    ), locked AS (
        SELECT delivery.id, chosen.account_id, chosen.url
        FROM notifications.webhook_deliveries AS delivery JOIN chosen USING (id)
        WHERE delivery.state = 'pending' AND delivery.due_at <= %(now)s
        FOR UPDATE OF delivery SKIP LOCKED
    ), taken AS (
        UPDATE notifications.webhook_deliveries AS delivery
        SET attempts = attempts + 1, tries = tries + 1, due_at = %(again_at)s
        FROM locked WHERE delivery.id = locked.id
        RETURNING delivery.id, webhook_id, locked.account_id, locked.url, event_type, payload, attempts AS attempt,
                  tries, expires_at
    ), begun AS (
        INSERT INTO notifications.webhook_attempts (delivery_id, number, started_at)
        SELECT id, attempt, %(now)s FROM taken
    )
    SELECT * FROM taken
"""

END_ATTEMPT = """
    UPDATE notifications.webhook_attempts
    SET started_at = %(started_at)s, duration_ms = %(duration_ms)s, status = %(status)s, detail = %(detail)s,
        answer = %(answer)s
    WHERE delivery_id = %(delivery_id)s AND number = %(number)s
"""

# Somebody else may have attempted it since; what they found is newer. What is known to have arrived did so, even where
# nobody waits for it any more.
END_DELIVERY = """
    UPDATE notifications.webhook_deliveries
    SET state = %(state)s, ended_at = %(now)s,
        payload = CASE WHEN event_type = %(metrics)s THEN NULL ELSE payload END
    WHERE id = %(id)s AND attempts = %(attempt)s AND (state = 'pending' OR %(state)s = 'delivered')
"""
TRY_AGAIN = """
    UPDATE notifications.webhook_deliveries SET due_at = %(due_at)s
    WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'pending'
"""
DROP_PENDING = """
    UPDATE notifications.webhook_deliveries SET state = 'dropped', ended_at = %(now)s
    WHERE webhook_id = %(webhook_id)s AND state = 'pending'
"""
DROP_OBSOLETE = """
    UPDATE notifications.webhook_deliveries SET state = 'dropped', ended_at = %(now)s, payload = NULL
    WHERE state = 'pending' AND event_type = %(metrics)s AND expires_at <= %(now)s
"""


@dataclass(frozen=True, slots=True)
class TakenRow:
    """A delivery taken, without its webhook's secrets."""

    id: str
    webhook_id: str
    account_id: str
    url: str
    event_type: str
    payload: str
    attempt: int
    tries: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """How many posts may be taken: in all, to one webhook and to one account; and where posts are under way now."""

    limit: int
    per_webhook: int
    per_account: int
    busy: Sequence[str]
    busy_accounts: Sequence[str]


async def insert_once(tx: Connection, posts: Sequence[Post]) -> None:
    """Write what is to be posted. An event that its webhook was or will be told of is passed over."""
    facts = [{name: getattr(post, name) for name in Post.__slots__} for post in posts]
    async with tx.cursor() as cursor:
        await cursor.executemany(INSERT_ONCE, facts)


async def take(tx: Connection, room: Room, now: datetime, lease: timedelta) -> Sequence[TakenRow]:
    """Deliveries that are due, ours until `lease` has passed, and the beginning of an attempt at each."""
    facts = {
        **{name: getattr(room, name) for name in Room.__slots__},
        "busy": list(room.busy),
        "busy_accounts": list(room.busy_accounts),
        "now": now,
        "again_at": now + lease,
        "metrics": METRICS,
    }
    cursor = tx.cursor(row_factory=class_row(TakenRow))
    return await (await cursor.execute(TAKE, facts)).fetchall()


async def end_attempt(tx: Connection, attempt: Attempt) -> None:
    await tx.execute(END_ATTEMPT, {name: getattr(attempt, name) for name in Attempt.__slots__})


async def end_delivery(tx: Connection, delivery_id: str, attempt: int, state: DeliveryState, now: datetime) -> None:
    facts = {"id": delivery_id, "attempt": attempt, "state": state, "now": now, "metrics": METRICS}
    await tx.execute(END_DELIVERY, facts)


async def try_again(tx: Connection, delivery_id: str, attempt: int, due_at: datetime) -> None:
    await tx.execute(TRY_AGAIN, {"id": delivery_id, "attempt": attempt, "due_at": due_at})


async def drop_pending(tx: Connection, webhook_id: str, now: datetime) -> None:
    """Send nothing more of what waits for this webhook."""
    await tx.execute(DROP_PENDING, {"webhook_id": webhook_id, "now": now})


async def drop_obsolete(tx: Connection, now: datetime) -> None:
    """Send nothing more of what was said of a moment that has passed."""
    await tx.execute(DROP_OBSOLETE, {"now": now, "metrics": METRICS})
