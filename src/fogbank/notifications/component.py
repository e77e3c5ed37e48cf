"""Notifications, wired: signals followed, e-mails sent, webhooks beside them, and the routes of it all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fogbank.accounts.client import AccountsClient, NotServed, StandingsClient
from fogbank.compute.client import ComputeClient
from fogbank.notifications.api import notification_routes
from fogbank.notifications.following import Following
from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.mailer import mailer
from fogbank.notifications.mail.sending import Sending
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.messages.api import message_routes
from fogbank.notifications.messages.service import Messages, messenger
from fogbank.notifications.messages.store import Sealed
from fogbank.notifications.model import Notice
from fogbank.notifications.notifying import Notifying
from fogbank.notifications.store.emails import Email
from fogbank.notifications.telling import Telling, delete_before
from fogbank.notifications.webhooks.opening import open_webhooks
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.settings import WebhooksSettings

DAILY = "43 3 * * *"


@dataclass(frozen=True, slots=True)
class Terms:
    """How people are told: in which currency, from whom, with links to where, how often at most, kept for how long.

    `interval_seconds` is how often webhooks get the current usage.
    """

    currency: str
    sender: Sender
    public_url: str
    emails_per_hour: int
    days: int
    interval_seconds: int
    webhooks: WebhooksSettings


@asynccontextmanager
async def open_notifications(
    *,
    database: Database,
    accounts: AccountsClient,
    compute: ComputeClient,
    queue: QueueClient,
    secrets: Path,
    clock: Clock,
    terms: Terms,
    mail_server: MailServer | None,
) -> AsyncIterator[Component]:
    """Tell people, and webhooks, what the signals on `queue` mean.

    Without `mail_server` no e-mails are sent, and notices say so. The keys that webhooks' secrets are encrypted by live
    in the directory `secrets`.
    """
    health, sealing = Health(clock), SealingKeys.of(secrets, system_entropy)
    mail = None if mail_server is None else _mail(database, mail_server, sealing, clock, terms)
    messages = Messages(database, sealing, clock, None if mail is None else mail.messages)

    async def tell(notice: Notice) -> None:
        await notifying.tell(notice)

    async def delete_old() -> None:
        before = clock() - timedelta(days=terms.days)
        await delete_before(database, before)
        await messages.delete_before(before)

    async with open_webhooks(
        database=database,
        secrets=secrets,
        compute=compute,
        activity=accounts,
        tell=tell,
        settings=terms.webhooks,
        interval_seconds=terms.interval_seconds,
        clock=clock,
        not_served=NotServed(StandingsClient(accounts.service)),
    ) as webhooks:
        notifying = Notifying(database, accounts, webhooks.enqueue, clock, terms.currency, mail is not None)
        following = Following(queue, notifying, health, _after(mail), _standing(mail))
        yield Component(
            name="notifications",
            health=health,
            routers=[message_routes(messages), notification_routes(Telling(database, clock)), *webhooks.routers],
            tasks=[
                BackgroundTask("follow signals", following.run),
                *_tasks(mail),
                *webhooks.tasks,
            ],
            jobs=[PeriodicJob("notifications.delete_old", DAILY, delete_old), *webhooks.jobs],
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent by the mail server."""

    notices: Sending[Email]
    messages: Sending[Sealed]


def _mail(database: Database, server: MailServer, sealing: SealingKeys, clock: Clock, terms: Terms) -> Mail:
    links = Links(terms.public_url)
    return Mail(
        mailer(database, server, terms.sender, links, clock=clock, per_hour_max=terms.emails_per_hour),
        messenger(database, server, terms.sender, terms.public_url, sealing=sealing, clock=clock),
    )


def _tasks(mail: Mail | None) -> list[BackgroundTask]:
    """The work of sending, where there is a mail server to send by."""
    if mail is None:
        return []
    return [BackgroundTask("send e-mails", mail.notices.run), BackgroundTask("send messages", mail.messages.run)]


def _after(mail: Mail | None) -> Callable[[], None]:
    return (lambda: None) if mail is None else mail.notices.tell


def _standing(mail: Mail | None) -> Callable[[], str]:
    """What health says beside that signals are followed. A mail server that is away is told, and no illness of ours."""

    def standing() -> str:
        if mail is None:
            return "signals are followed; no mail server is set up, so no e-mails are sent"
        if trouble := mail.messages.trouble or mail.notices.trouble:
            return f"signals are followed; e-mails wait for the mail server: {trouble}"
        return "signals are followed, e-mails are sent"

    return standing
