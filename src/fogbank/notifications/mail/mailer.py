"""The mailer: makes e-mails of what waits, and hands each to the mail server until it takes or refuses it.

An e-mail and what it carries are written before it is sent, under an id made of them, which is its Message-ID too. Who
is killed between sending and noting it leaves it due again: it comes twice at most, as the same message.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

import structlog

from fogbank.notifications.counters import EMAILS_ENDED, EMAILS_WAITING
from fogbank.notifications.mail.composing import Envelope, NoAddress, Sender, composed, told
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.server import MailServer, NotTaken, Refused, Unavailable
from fogbank.notifications.model import DeliveryState, EventType
from fogbank.notifications.rules.planning import HOUR, Plan, Waiting, plan
from fogbank.notifications.rules.quiet import quiet_until
from fogbank.notifications.rules.retrying import TAKEN_FOR, again_at
from fogbank.notifications.store import emails, preferences
from fogbank.notifications.store.emails import Email
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

log = structlog.get_logger(__name__)

PLANNED_AT_ONCE = 1_000
SENT_AT_ONCE = 4
PASS_SECONDS = 2.0
GIVEN_UP = "No mail server took it for a day."


class QuietNow(Exception):
    """Quiet hours began while an ordinary e-mail was on its way, which a mail server that is down makes long."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class NothingToTell(Exception):
    """The notices of an e-mail have been deleted meanwhile."""


@dataclass(slots=True)
class Mailer:
    """Sends what is due. Safe to run in several processes at once."""

    database: Database
    server: MailServer
    sender: Sender
    links: Links
    clock: Clock
    per_hour_max: int
    trouble: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send what is due, now and whenever there is news, for ever."""
        while True:
            await self.send_due()
            await self._wait_for_news()

    def tell(self) -> None:
        """There is news: look now."""
        self._news.set()

    async def send_due(self) -> None:
        """Plan what waits, and send until nothing is due or the server takes nothing."""
        while await self._plan() == PLANNED_AT_ONCE:
            pass
        while await self._send_some():
            pass
        async with self.database.connection() as connection:
            waiting = await emails.count_waiting(connection)
        EMAILS_WAITING.set(waiting)
        if not waiting:
            self.trouble = ""

    async def _send_some(self) -> bool:
        """Send some that are due; False where none is, or the server takes none."""
        now = self.clock()
        async with self.database.connection() as connection:
            due = await emails.take_due(connection, now, now + TAKEN_FOR, SENT_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(self._send(email)) for email in due]
        return bool(sent) and all(each.result() for each in sent)

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(PASS_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _plan(self) -> int:
        """Make e-mails of what waits, each person's as their preferences and the hour's limit have it; of how many."""
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

    async def _send(self, email: Email) -> bool:
        """Send one and note what came of it; False where the server takes none at the moment."""
        try:
            said = await self.server.send(await self._composed(email), self.sender.address, email.address)
        except QuietNow as quiet:
            await self._put_off(email, "It waits for quiet hours to end.", quiet.until)
        except NothingToTell:
            await self._end(email, DeliveryState.FAILED, "What it would have told has been deleted.")
        except NoAddress:
            await self._end(email, DeliveryState.FAILED, f"'{email.address[:100]}' is not an address to send to.")
        except Refused as error:
            await self._end(email, DeliveryState.FAILED, f"The mail server refused it: {error}")
        except NotTaken as error:
            await self._try_again(email, error)
            return not isinstance(error, Unavailable)
        else:
            self.trouble = ""
            await self._end(email, DeliveryState.SENT, said)
        return True

    async def _composed(self, email: Email) -> EmailMessage:
        async with self.database.connection() as connection:
            carried = await emails.carried(connection, email.id)
            wishes = await preferences.of_people(connection, [email.person_id])
        if not carried:
            raise NothingToTell
        hours, is_urgent = wishes[email.person_id].quiet_hours, any(each.is_urgent for each in carried)
        if hours and not is_urgent and (until := quiet_until(hours, self.clock())):
            raise QuietNow(until)
        notices = [
            told(EventType(each.event_type), each.title, each.text, each.occurred_at, each.instance_id)
            for each in carried
        ]
        return composed(self.sender, Envelope(email.id, email.address, email.created_at), notices, self.links)

    async def _try_again(self, email: Email, error: NotTaken) -> None:
        if isinstance(error, Unavailable):
            if self.trouble != str(error):
                log.warning("the mail server takes nothing", server=self.server.name, said=str(error))
            self.trouble = str(error)
        at = again_at(email.created_at, email.attempts, self.clock())
        if at is None:
            log.warning("e-mail given up", email=email.id, said=str(error))
            await self._end(email, DeliveryState.FAILED, GIVEN_UP)
            return
        await self._put_off(email, str(error), at)

    async def _put_off(self, email: Email, detail: str, at: datetime) -> None:
        async with self.database.connection() as connection:
            await emails.try_again(connection, email.id, detail, at)

    async def _end(self, email: Email, state: DeliveryState, detail: str) -> None:
        async with self.database.connection() as connection:
            await emails.end(connection, email.id, state, detail, self.clock())
        EMAILS_ENDED.labels(state).inc()


async def _write(tx: Connection, person_id: str, planned: Plan, now: datetime) -> None:
    for carried in planned.emails:
        await emails.create(tx, email_id_of(person_id, carried), person_id, carried, now)
    for each, until in planned.held:
        await emails.hold(tx, person_id, each.notice_id, until)


def email_id_of(person_id: str, carried: Sequence[Waiting]) -> str:
    """The id of the e-mail that tells a person of these notices: always the same for the same."""
    parts = [person_id, *sorted(each.notice_id for each in carried)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
