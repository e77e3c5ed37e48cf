"""The mailer: makes e-mails of the notices that wait, and sends them.

An e-mail and what it carries are written before it is sent, under an id made of them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from fogbank.notifications.counters import EMAILS_ENDED, EMAILS_WAITING
from fogbank.notifications.mail.composing import composed, told
from fogbank.notifications.mail.envelope import Envelope, Sender
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.sending import NeverSent, NotNow, Sending
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.model import EventType
from fogbank.notifications.rules.planning import HOUR, Plan, Waiting, plan
from fogbank.notifications.rules.quiet import quiet_until
from fogbank.notifications.rules.retrying import WITH_NOTICES
from fogbank.notifications.store import emails, preferences
from fogbank.notifications.store.emails import Email
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

PLANNED_AT_ONCE = 1_000


def mailer(
    database: Database, server: MailServer, sender: Sender, links: Links, *, clock: Clock, per_hour_max: int
) -> Sending[Email]:
    """What sends notices by e-mail, to nobody more than so many an hour."""
    notices = Notices(database, sender, links, clock, per_hour_max)
    return Sending(
        database=database,
        server=server,
        clock=clock,
        store=emails,
        compose=notices.compose,
        patience=WITH_NOTICES,
        ended=EMAILS_ENDED,
        waiting=EMAILS_WAITING,
        plan=notices.plan,
    )


@dataclass(frozen=True, slots=True)
class Notices:
    """Which notices wait for an e-mail, and what that looks like."""

    database: Database
    sender: Sender
    links: Links
    clock: Clock
    per_hour_max: int

    async def plan(self) -> None:
        """Make e-mails of what waits, each person's as their preferences and the hour's limit have it."""
        while await self._plan_some() == PLANNED_AT_ONCE:
            pass

    async def compose(self, email: Email) -> EmailMessage:
        """An e-mail of its notices. `NotNow` where it is ordinary and quiet hours began while it was on its way, which
        a mail server that is down makes long.
        """
        async with self.database.connection() as connection:
            carried = await emails.carried(connection, email.id)
            wishes = await preferences.of_people(connection, [email.person_id])
        if not carried:
            raise NeverSent("What it would have told has been deleted.")
        hours, is_urgent = wishes[email.person_id].quiet_hours, any(each.is_urgent for each in carried)
        if hours and not is_urgent and (until := quiet_until(hours, self.clock())):
            raise NotNow("It waits for quiet hours to end.", until)
        notices = [
            told(EventType(each.event_type), each.title, each.text, each.occurred_at, each.instance_id)
            for each in carried
        ]
        return composed(self.sender, Envelope(email.id, email.address, email.created_at), notices, self.links)

    async def _plan_some(self) -> int:
        """Of how many."""
        now = self.clock()
        async with self.database.transaction() as tx:
            if not await emails.plans_alone(tx):
                return 0
            waiting = await emails.waiting(tx, now, PLANNED_AT_ONCE)
            people = list(waiting)
            wishes = await preferences.of_people(tx, people)
            sent = await emails.sent_since(tx, people, now - HOUR, now)
            for person_id, theirs in waiting.items():
                planned = plan(theirs, sent[person_id], wishes[person_id].quiet_hours, now, self.per_hour_max)
                await _write(tx, person_id, planned, now)
        return sum(map(len, waiting.values()))


async def _write(tx: Connection, person_id: str, planned: Plan, now: datetime) -> None:
    for carried in planned.emails:
        await emails.create(tx, email_id_of(person_id, carried), person_id, carried, now)
    for each, until in planned.held:
        await emails.hold(tx, person_id, each.notice_id, until)


def email_id_of(person_id: str, carried: Sequence[Waiting]) -> str:
    """The id of the e-mail that tells a person of these notices: always the same for the same."""
    parts = [person_id, *sorted(each.notice_id for each in carried)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
