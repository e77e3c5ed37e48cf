"""From a signal to a notice: who is told, by which ways, in which words; written in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from fogbank.accounts.client import AccountsClient
from fogbank.events.signals import Signal
from fogbank.notifications.audience import audience_of
from fogbank.notifications.counters import NOTICES_WRITTEN
from fogbank.notifications.model import Channel, DeliveryState, Notice, Person
from fogbank.notifications.rules.events import EVENT_TYPES, channels_wanted, class_of, is_urgent, roles_told
from fogbank.notifications.rules.words import one_line, words_of
from fogbank.notifications.store import notices, preferences
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

log = structlog.get_logger(__name__)

NEWS_FOR = timedelta(days=1)
"""What is older when it is followed is shown in the portal, and no e-mail is sent of it."""

ToWebhooks = Callable[[Connection, Notice], Awaitable[object]]
"""Keeps a notice for the webhooks of its account, in the transaction that writes it."""


@dataclass(frozen=True, slots=True)
class Notifying:
    """Following a signal again changes nothing."""

    database: Database
    accounts: AccountsClient
    to_webhooks: ToWebhooks
    clock: Clock
    currency: str
    sends_email: bool

    async def follow(self, signal: Signal, received_at: datetime) -> None:
        """Write the notice that a signal becomes, if any, with everybody's part of it."""
        event_type = EVENT_TYPES.get(signal.type)
        if event_type is None:
            return
        data = {key: one_line(value) for key, value in signal.data.items()}
        audience = await audience_of(self.accounts, signal.account_id, roles_told(event_type, data))
        words = words_of(event_type, data, audience.account_name, self.currency)
        notice = Notice(
            id=signal.id,
            event_type=event_type,
            account_id=signal.account_id,
            user_id=data.get("user_id") or None,
            org_id=data.get("org_id") or None,
            instance_id=data.get("instance_id") or None,
            title=words.title,
            text=words.text,
            data=data,
            occurred_at=_instant(signal.occurred_at) or received_at,
            channels=channels_wanted(event_type, data),
            is_urgent=is_urgent(event_type, data),
        )
        await self._write(notice, audience.people)

    async def _write(self, notice: Notice, people: tuple[Person, ...]) -> None:
        now = self.clock()
        async with self.database.transaction() as tx:
            if not await notices.insert_once(tx, notice, now):
                return
            wishes = await preferences.of_people(tx, [person.user_id for person in people])
            by_channel = {
                channel: [
                    person
                    for person in people
                    if channel in notice.channels & wishes[person.user_id].channels_of(class_of(notice.event_type))
                ]
                for channel in Channel
            }
            await notices.add_to_inboxes(tx, notice.id, by_channel[Channel.PORTAL])
            if now - notice.occurred_at < NEWS_FOR:
                state = DeliveryState.QUEUED if self.sends_email else DeliveryState.UNSENT
                await notices.add_deliveries(tx, notice.id, by_channel[Channel.EMAIL], state, now)
            await self.to_webhooks(tx, notice)
        NOTICES_WRITTEN.labels(notice.event_type).inc()
        log.info("notice written", notice=notice.id, people=len(people))


def _instant(text: str) -> datetime | None:
    """The instant, where it is one with an offset from UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
