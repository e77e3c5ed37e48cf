"""From a signal to a notice: who is told, by which ways, in which words; written in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from fogbank.accounts.client import AccountsClient
from fogbank.events.signals import Signal
from fogbank.kernel.ids import is_id
from fogbank.notifications.audience import Audience, audience_of
from fogbank.notifications.counters import NOTICES_WRITTEN
from fogbank.notifications.model import Channel, DeliveryState, Notice
from fogbank.notifications.rules.events import EVENT_TYPES, channels_wanted, is_urgent, permission_to_hear, told_by
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
        if event_type is None or not is_id(signal.account_id):
            return
        data = {key: one_line(value) for key, value in signal.data.items()}
        channels = channels_wanted(event_type, data)
        if not channels:
            return
        audience = await audience_of(self.accounts, signal.account_id, permission_to_hear(event_type, data))
        words = words_of(event_type, data, audience.name, self.currency)
        notice = Notice(
            id=one_line(signal.id),
            event_type=event_type,
            account_id=signal.account_id,
            user_id=data.get("user_id") or audience.user_id,
            org_id=data.get("org_id") or audience.org_id,
            instance_id=data.get("instance_id") or None,
            title=words.title,
            text=words.text,
            data=data,
            occurred_at=_instant(signal.occurred_at) or received_at,
            channels=channels,
            is_urgent=is_urgent(event_type, data),
        )
        await self._write_once(notice, audience)

    async def tell(self, notice: Notice) -> None:
        """Write a notice that is no signal's, for those of its account whom it concerns."""
        permission = permission_to_hear(notice.event_type, notice.data)
        audience = await audience_of(self.accounts, notice.account_id, permission)
        await self._write_once(notice, audience)

    async def _write_once(self, notice: Notice, audience: Audience) -> None:
        now, people = self.clock(), audience.people
        async with self.database.transaction() as tx:
            if not await notices.insert_once(tx, notice, now):
                return
            wishes = await preferences.of_people(tx, [person.user_id for person in people])
            await notices.add_to_inboxes(tx, notice.id, told_by(Channel.PORTAL, notice, people, wishes))
            if now - notice.occurred_at < NEWS_FOR:
                state = DeliveryState.QUEUED if self.sends_email else DeliveryState.UNSENT
                emailed = told_by(Channel.EMAIL, notice, people, wishes)
                await notices.add_deliveries(tx, notice.id, emailed, state, now)
            if audience.is_served:
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
