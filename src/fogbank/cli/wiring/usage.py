"""Usage: the queue, and its own store in the data directory, or the ClickHouse that the settings name."""

from fogbank.accounts.client import AccountsClient
from fogbank.cli.wiring.process import Process
from fogbank.runtime.component import Component
from fogbank.usage.component import open_usage

SERVICE = "usage"


async def opened(process: Process) -> Component:
    directory = process.settings.data / "usage"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    dsn = process.settings.usage.clickhouse or f"chdb://{directory}"
    opening = open_usage(
        queue=await process.queue(),
        dsn=dsn,
        clock=process.clock,
        tiers=AccountsClient(process.service("accounts", as_service=SERVICE)),
    )
    return await process.stack.enter_async_context(opening)
