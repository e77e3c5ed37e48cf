"""What one person sees in the portal. Every statement names the person, so nobody reaches another's."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.notifications.model import DeliveryState
from fogbank.runtime.database import Connection

NEWEST = 2**63 - 1

SELECT_PAGE = """
    SELECT inbox.number, notice.id, notice.event_type, notice.account_id, notice.instance_id, notice.title,
        notice.text, notice.data, notice.occurred_at, notice.is_urgent, inbox.read_at,
        coalesce(email.state, delivery.state) AS email_state, email.detail AS email_detail,
        coalesce(email.ended_at, email.due_at, delivery.due_at) AS email_at
    FROM notifications.inbox
    JOIN notifications.notices AS notice ON notice.id = inbox.notice_id
    LEFT JOIN notifications.deliveries AS delivery
        ON delivery.notice_id = inbox.notice_id AND delivery.person_id = inbox.person_id
    LEFT JOIN notifications.emails AS email ON email.id = delivery.email_id
    WHERE inbox.person_id = %(person_id)s AND inbox.number < %(below)s
      AND (NOT %(is_unread)s OR inbox.read_at IS NULL)
    ORDER BY inbox.number DESC LIMIT %(limit)s
"""

COUNT_UNREAD = """
    SELECT count(*) FROM (
        SELECT FROM notifications.inbox WHERE person_id = %(person_id)s AND read_at IS NULL LIMIT %(count_max)s
    ) AS unread
"""

LOCK_ONE = """
    SELECT read_at IS NOT NULL FROM notifications.inbox
    WHERE person_id = %(person_id)s AND notice_id = %(notice_id)s FOR UPDATE
"""

READ_ONE = """
    UPDATE notifications.inbox SET read_at = %(now)s
    WHERE person_id = %(person_id)s AND notice_id = %(notice_id)s AND read_at IS NULL
"""

READ_UP_TO = """
    UPDATE notifications.inbox SET read_at = %(now)s
    WHERE person_id = %(person_id)s AND number <= %(number)s AND read_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A notice as one person has it. The `email_` fields are None where no e-mail was wanted."""

    number: int
    id: str
    event_type: str
    account_id: str
    instance_id: str | None
    title: str
    text: str
    data: dict[str, str]
    occurred_at: datetime
    is_urgent: bool
    read_at: datetime | None
    email_state: DeliveryState | None
    email_detail: str | None
    email_at: datetime | None


async def page(
    connection: Connection, person_id: str, *, below: int = NEWEST, is_unread: bool = False, limit: int
) -> list[Item]:
    """The newest below that number, newest first; only those not read with `is_unread`."""
    cursor = connection.cursor(row_factory=class_row(Item))
    values = {"person_id": person_id, "below": below, "is_unread": is_unread, "limit": limit}
    return await (await cursor.execute(SELECT_PAGE, values)).fetchall()


async def count_unread(connection: Connection, person_id: str, count_max: int) -> int:
    """How many are not read, counted up to `count_max`."""
    [(count,)] = await (
        await connection.execute(COUNT_UNREAD, {"person_id": person_id, "count_max": count_max})
    ).fetchall()
    return int(count)


async def read_one(tx: Connection, person_id: str, notice_id: str, now: datetime) -> bool | None:
    """Note that it was read; whether it had been before, and None where the person has no such notice."""
    values = {"person_id": person_id, "notice_id": notice_id, "now": now}
    before = await (await tx.execute(LOCK_ONE, values)).fetchone()
    if before is None:
        return None
    await tx.execute(READ_ONE, values)
    return bool(before[0])


async def read_up_to(tx: Connection, person_id: str, number: int, now: datetime) -> int:
    """Note that all up to that number were read; how many had not been."""
    return (await tx.execute(READ_UP_TO, {"person_id": person_id, "number": number, "now": now})).rowcount
