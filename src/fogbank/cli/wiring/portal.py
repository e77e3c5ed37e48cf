"""The portal: a client of every component; what it shows a person, it asks as that person."""

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.cli.wiring.process import Process
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.component import open_portal
from fogbank.runtime.component import Component
from fogbank.usage.client import UsageClient

SERVICE = "portal"


async def opened(process: Process) -> Component:
    opening = open_portal(
        accounts=AccountsClient(process.service("accounts", as_service=SERVICE)),
        ledger=LedgerClient(process.service("accounts", as_service=SERVICE)),
        usage=UsageClient(process.service("usage", as_service=SERVICE)),
        billing=BillingClient(process.service("billing", as_service=SERVICE)),
        compute=ComputeClient(process.service("compute", as_service=SERVICE)),
        thresholds=ThresholdsClient(process.service("compute", as_service=SERVICE)),
        notifications=NotificationsClient(process.service("notifications", as_service=SERVICE)),
        webhooks=WebhooksClient(process.service("notifications", as_service=SERVICE)),
        clock=process.clock,
        currency=process.settings.billing.currency,
    )
    return await process.stack.enter_async_context(opening)
