"""Notifications: the database and the queue; accounts and compute as their client; a mail server where one is set."""

from fogbank.accounts.client import AccountsClient
from fogbank.cli.mail import mail_server_of, sender_of
from fogbank.cli.wiring.process import Process
from fogbank.compute.client import ComputeClient
from fogbank.notifications.component import Terms, open_notifications
from fogbank.runtime.component import Component

SERVICE = "notifications"


async def opened(process: Process) -> Component:
    settings = process.settings
    opening = open_notifications(
        database=await process.database(),
        accounts=AccountsClient(process.service("accounts", as_service=SERVICE)),
        compute=ComputeClient(process.service("compute", as_service=SERVICE)),
        queue=await process.queue(),
        secrets=process.secrets,
        clock=process.clock,
        terms=Terms(
            currency=settings.billing.currency,
            sender=sender_of(settings),
            public_url=settings.public_url,
            emails_per_hour=settings.notifications.emails_per_hour,
            days=settings.notifications.days,
            interval_seconds=settings.agent.interval_seconds,
            webhooks=settings.webhooks,
        ),
        mail_server=mail_server_of(settings),
    )
    return await process.stack.enter_async_context(opening)
