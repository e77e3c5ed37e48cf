"""E-mails on their way: what waits to become one, what is due, and what came of it.

What one process works on, another passes over: who plans holds a lock, and what is taken to be sent is not due again
for a while, so that it is when who took it was killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.notifications.model import DeliveryState
from fogbank.notifications.rules.planning import Waiting
from fogbank.runtime.database import Connection

PLANNING_LOCK = 0x0F06_3A11
"""Any number that nobody else takes a lock on."""

TRY_TO_PLAN_ALONE = "SELECT pg_try_advisory_xact_lock(%s)"

SELECT_WAITING = """
    SELECT delivery.person_id, delivery.notice_id, delivery.address, notice.is_urgent,
        delivery.state = 'held' AS is_held
    FROM notifications.deliveries AS delivery JOIN notifications.notices AS notice ON notice.id = delivery.notice_id
    WHERE delivery.email_id IS NULL AND delivery.state <> 'unsent' AND delivery.due_at <= %(now)s
    ORDER BY delivery.person_id, notice.occurred_at, notice.id LIMIT %(limit)s
"""

SELECT_SENT_SINCE = """
    SELECT person_id, coalesce(ended_at, %(now)s) FROM notifications.emails
    WHERE person_id = ANY (%(people)s) AND (ended_at IS NULL OR ended_at > %(since)s)
"""

INSERT_EMAIL_ONCE = """
    INSERT INTO notifications.emails (id, person_id, address, state, created_at, due_at)
    VALUES (%(id)s, %(person_id)s, %(address)s, 'queued', %(now)s, %(now)s)
    ON CONFLICT (id) DO NOTHING
"""

PUT_INTO_EMAIL = """
    UPDATE notifications.deliveries SET email_id = %(email_id)s, state = 'queued', due_at = %(now)s
    WHERE person_id = %(person_id)s AND notice_id = ANY (%(notices)s)
"""

HOLD = """
    UPDATE notifications.deliveries SET state = 'held', due_at = %(until)s
    WHERE person_id = %(person_id)s AND notice_id = %(notice_id)s
"""

TAKE_DUE = """
    UPDATE notifications.emails SET attempts = attempts + 1, due_at = %(again_at)s
    WHERE id IN (
        SELECT id FROM notifications.emails WHERE state = 'queued' AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, person_id, address, created_at, attempts
"""

SELECT_CARRIED = """
    SELECT notice.id, notice.event_type, notice.title, notice.text, notice.instance_id, notice.occurred_at,
        notice.is_urgent
    FROM notifications.deliveries AS delivery JOIN notifications.notices AS notice ON notice.id = delivery.notice_id
    WHERE delivery.email_id = %(email_id)s ORDER BY notice.occurred_at, notice.id
"""

END = """
    UPDATE notifications.emails SET state = %(state)s, detail = %(detail)s, ended_at = %(now)s
    WHERE id = %(id)s AND state = 'queued'
"""

TRY_AGAIN = (
    "UPDATE notifications.emails SET due_at = %(at)s, detail = %(detail)s WHERE id = %(id)s AND state = 'queued'"
)

COUNT_WAITING = """
    SELECT (SELECT count(*) FROM notifications.emails WHERE state = 'queued')
        + (SELECT count(*) FROM notifications.deliveries
           WHERE email_id IS NULL AND state = 'queued')
"""

SELECT_NEWEST = """
    SELECT email.id, email.person_id, email.address, email.state, email.created_at, email.due_at, email.ended_at,
        email.attempts, email.detail,
        ARRAY(SELECT notice_id FROM notifications.deliveries WHERE email_id = email.id ORDER BY notice_id) AS notices
    FROM notifications.emails AS email
    WHERE %(state)s::text IS NULL OR email.state = %(state)s
    ORDER BY email.created_at DESC, email.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """An e-mail and what became of it so far. `notices` are the ids of those it carries."""

    id: str
    person_id: str
    address: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    attempts: int
    detail: str
    notices: list[str]


@dataclass(frozen=True, slots=True)
class Email:
    """One to be sent now; `attempts` counts this one."""

    id: str
    person_id: str
    address: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A notice as an e-mail carries it."""

    id: str
    event_type: str
    title: str
    text: str
    instance_id: str | None
    occurred_at: datetime
    is_urgent: bool


async def plans_alone(tx: Connection) -> bool:
    """Be the only one who plans until the transaction ends; False where somebody else does."""
    [(is_alone,)] = await (await tx.execute(TRY_TO_PLAN_ALONE, [PLANNING_LOCK])).fetchall()
    return bool(is_alone)


async def waiting(tx: Connection, now: datetime, limit: int) -> dict[str, list[Waiting]]:
    """What each person is to be told by e-mail now, oldest first."""
    by_person: dict[str, list[Waiting]] = {}
    for person_id, *rest in await (await tx.execute(SELECT_WAITING, {"now": now, "limit": limit})).fetchall():
        by_person.setdefault(person_id, []).append(Waiting(*rest))
    return by_person


async def sent_since(
    tx: Connection, people: Sequence[str], since: datetime, now: datetime
) -> dict[str, list[datetime]]:
    """When each of these people got e-mails after `since`; one that is still on its way counts as of now."""
    by_person: dict[str, list[datetime]] = {person_id: [] for person_id in people}
    rows = await tx.execute(SELECT_SENT_SINCE, {"people": list(people), "since": since, "now": now})
    for person_id, sent_at in await rows.fetchall():
        by_person[person_id].append(sent_at)
    return by_person


async def create(tx: Connection, email_id: str, person_id: str, carried: Sequence[Waiting], now: datetime) -> None:
    """Make an e-mail of these notices, due now; it goes to where the person was last known to be."""
    values = {"id": email_id, "person_id": person_id, "address": carried[-1].address, "now": now}
    await tx.execute(INSERT_EMAIL_ONCE, values)
    notices = [each.notice_id for each in carried]
    await tx.execute(PUT_INTO_EMAIL, {"email_id": email_id, "person_id": person_id, "notices": notices, "now": now})


async def hold(tx: Connection, person_id: str, notice_id: str, until: datetime) -> None:
    """Hold one back until then."""
    await tx.execute(HOLD, {"person_id": person_id, "notice_id": notice_id, "until": until})


async def take_due(connection: Connection, now: datetime, again_at: datetime, limit: int) -> list[Email]:
    """Take some that are due; whatever becomes of us, they are due again at `again_at` unless it is noted."""
    cursor = connection.cursor(row_factory=class_row(Email))
    return await (await cursor.execute(TAKE_DUE, {"now": now, "again_at": again_at, "limit": limit})).fetchall()


async def carried(connection: Connection, email_id: str) -> list[Carried]:
    """The notices of an e-mail, oldest first; none where they have been deleted since."""
    cursor = connection.cursor(row_factory=class_row(Carried))
    return await (await cursor.execute(SELECT_CARRIED, {"email_id": email_id})).fetchall()


async def end(connection: Connection, email_id: str, state: DeliveryState, detail: str, now: datetime) -> None:
    """Note what became of it, for good: `sent` or `failed`."""
    await connection.execute(END, {"id": email_id, "state": state, "detail": detail, "now": now})


async def try_again(connection: Connection, email_id: str, detail: str, at: datetime) -> None:
    """Note why it was not taken, and when it is due again."""
    await connection.execute(TRY_AGAIN, {"id": email_id, "detail": detail, "at": at})


async def count_waiting(connection: Connection) -> int:
    """How many are to go out as soon as the mail server takes them."""
    [(count,)] = await (await connection.execute(COUNT_WAITING)).fetchall()
    return int(count)


async def newest(connection: Connection, state: str | None, limit: int) -> list[Sent]:
    """The newest e-mails to anybody, or those in a state."""
    cursor = connection.cursor(row_factory=class_row(Sent))
    return await (await cursor.execute(SELECT_NEWEST, {"state": state, "limit": limit})).fetchall()
