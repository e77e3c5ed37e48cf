"""The ledger: part of accounts, on the same database."""

from fogbank.accounts.ledger.component import open_ledger
from fogbank.cli.wiring.process import Process
from fogbank.runtime.component import Component


async def opened(process: Process) -> Component:
    currency = process.settings.billing.currency
    opening = open_ledger(database=await process.database(), clock=process.clock, currency=currency)
    return await process.stack.enter_async_context(opening)
