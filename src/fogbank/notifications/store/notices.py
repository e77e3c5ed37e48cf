"""Notices as they are written: once each, with everybody's part of them."""

from collections.abc import Iterable
from datetime import datetime

from psycopg.types.json import Jsonb

from fogbank.notifications.model import DeliveryState, Notice, Person
from fogbank.runtime.database import Connection

INSERT_NOTICE_ONCE = """
    INSERT INTO notifications.notices
        (id, event_type, account_id, user_id, org_id, instance_id, title, text, data, occurred_at, channels, is_urgent,
         written_at)
    VALUES (%(id)s, %(event_type)s, %(account_id)s, %(user_id)s, %(org_id)s, %(instance_id)s, %(title)s, %(text)s,
        %(data)s, %(occurred_at)s, %(channels)s, %(is_urgent)s, %(now)s)
    ON CONFLICT (id) DO NOTHING
    RETURNING id
"""

INSERT_INBOX = """
    INSERT INTO notifications.inbox (person_id, notice_id)
    SELECT person_id, %(notice_id)s FROM unnest(%(people)s::text[]) AS person_id
"""

INSERT_DELIVERIES = """
    INSERT INTO notifications.deliveries (notice_id, person_id, address, state, due_at)
    SELECT %(notice_id)s, person_id, address, %(state)s, %(now)s
    FROM unnest(%(people)s::text[], %(addresses)s::text[]) AS told (person_id, address)
"""

DELETE_WRITTEN_BEFORE = """
    DELETE FROM notifications.notices WHERE id IN (
        SELECT id FROM notifications.notices WHERE written_at < %(before)s LIMIT %(limit)s)
"""

DELETE_EMAILS_BEFORE = """
    DELETE FROM notifications.emails WHERE id IN (
        SELECT id FROM notifications.emails AS email
        WHERE created_at < %(before)s AND state <> 'queued'
          AND NOT EXISTS (SELECT FROM notifications.deliveries WHERE email_id = email.id)
        LIMIT %(limit)s)
"""


async def insert_once(tx: Connection, notice: Notice, now: datetime) -> bool:
    """Write the notice; False where it is there already, and then everybody's part of it is too."""
    values = {
        "id": notice.id,
        "event_type": notice.event_type,
        "account_id": notice.account_id,
        "user_id": notice.user_id,
        "org_id": notice.org_id,
        "instance_id": notice.instance_id,
        "title": notice.title,
        "text": notice.text,
        "data": Jsonb(dict(notice.data)),
        "occurred_at": notice.occurred_at,
        "channels": sorted(notice.channels),
        "is_urgent": notice.is_urgent,
        "now": now,
    }
    inserted = await tx.execute(INSERT_NOTICE_ONCE, values)
    return await inserted.fetchone() is not None


async def add_to_inboxes(tx: Connection, notice_id: str, people: Iterable[Person]) -> None:
    """Show it to them in the portal."""
    await tx.execute(INSERT_INBOX, {"notice_id": notice_id, "people": [person.user_id for person in people]})


async def add_deliveries(
    tx: Connection, notice_id: str, people: Iterable[Person], state: DeliveryState, now: datetime
) -> None:
    """Tell them by e-mail, or say with `unsent` why they are not told."""
    told = list(people)
    values = {
        "notice_id": notice_id,
        "people": [person.user_id for person in told],
        "addresses": [person.email for person in told],
        "state": state,
        "now": now,
    }
    await tx.execute(INSERT_DELIVERIES, values)


async def delete_before(tx: Connection, before: datetime, limit: int) -> int:
    """Delete at most so many notices written before then, and as many e-mails that nothing refers to; how many."""
    notices = await tx.execute(DELETE_WRITTEN_BEFORE, {"before": before, "limit": limit})
    emails = await tx.execute(DELETE_EMAILS_BEFORE, {"before": before, "limit": limit})
    return max(notices.rowcount, emails.rowcount)
