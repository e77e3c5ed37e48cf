"""Accounts: the database, and the directory of secrets."""

from fogbank.accounts.component import open_accounts
from fogbank.cli.wiring.process import Process
from fogbank.runtime.component import Component


async def opened(process: Process) -> Component:
    database = await process.database()
    opening = open_accounts(database=database, secrets=process.secrets, clock=process.clock)
    return await process.stack.enter_async_context(opening)
