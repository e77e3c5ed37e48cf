"""Notifications, wired: signals followed, e-mails sent, webhooks beside them, and the routes of it all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.client import AccountsClient
from fogbank.notifications.api import notification_routes
from fogbank.notifications.following import Following
from fogbank.notifications.mail.composing import Sender
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.mailer import Mailer
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.notifying import Notifying, ToWebhooks
from fogbank.notifications.telling import Telling, delete_before
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database

DAILY = "43 3 * * *"


@dataclass(frozen=True, slots=True)
class Terms:
    """How people are told: in which currency, with links to where, how often at most, and for how long it is kept."""

    currency: str
    public_url: str
    emails_per_hour: int
    days: int


@asynccontextmanager
async def open_notifications(
    *,
    database: Database,
    accounts: AccountsClient,
    queue: QueueClient,
    clock: Clock,
    terms: Terms,
    mail_server: MailServer | None,
    sender: Sender,
    to_webhooks: ToWebhooks,
) -> AsyncIterator[Component]:
    """Tell people what the signals on `queue` mean. Without `mail_server` no e-mails are sent, and notices say so."""
    health = Health(clock)
    mailer = None
    if mail_server is not None:
        links = Links(terms.public_url)
        mailer = Mailer(database, mail_server, sender, links, clock, terms.emails_per_hour)
    notifying = Notifying(database, accounts, to_webhooks, clock, terms.currency, sends_email=mailer is not None)
    following = Following(queue, notifying, health, _after(mailer), _standing(mailer))

    async def delete_old() -> None:
        await delete_before(database, clock() - timedelta(days=terms.days))

    yield Component(
        name="notifications",
        health=health,
        routers=[notification_routes(Telling(database, clock))],
        tasks=[
            BackgroundTask("follow signals", following.run),
            *([BackgroundTask("send e-mails", mailer.run)] if mailer is not None else []),
        ],
        jobs=[PeriodicJob("notifications.delete_old", DAILY, delete_old)],
    )


def _after(mailer: Mailer | None) -> Callable[[], None]:
    return mailer.tell if mailer is not None else lambda: None


def _standing(mailer: Mailer | None) -> Callable[[], str]:
    """What health says beside that signals are followed. A mail server that is away is told, and no illness of ours."""

    def standing() -> str:
        if mailer is None:
            return "signals are followed; no mail server is set up, so no e-mails are sent"
        if mailer.trouble:
            return f"signals are followed; e-mails wait for the mail server: {mailer.trouble}"
        return "signals are followed, e-mails are sent"

    return standing
