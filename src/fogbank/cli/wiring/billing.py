"""Billing: the database and the queue; usage, ledger and compute as their client; prices from the settings."""

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.component import open_billing
from fogbank.cli.wiring.process import Process
from fogbank.compute.client import ComputeClient
from fogbank.runtime.component import Component
from fogbank.usage.client import UsageClient

SERVICE = "billing"


async def opened(process: Process) -> Component:
    settings = process.settings.billing
    opening = open_billing(
        database=await process.database(),
        usage=UsageClient(process.service("usage", as_service=SERVICE)),
        ledger=LedgerClient(process.service("accounts", as_service=SERVICE)),
        compute=ComputeClient(process.service("compute", as_service=SERVICE)),
        queue=await process.queue(),
        clock=process.clock,
        interval_seconds=settings.interval_seconds,
        price_book_path=settings.price_book,
        currency=settings.currency,
    )
    return await process.stack.enter_async_context(opening)
