"""Usage: the queue, and its own store in the data directory, or the ClickHouse that the settings name."""

from fogbank.accounts.client import AccountsClient
from fogbank.billing.client import BillingClient
from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED
from fogbank.cli.wiring.admission import admission_of
from fogbank.cli.wiring.process import Process
from fogbank.compute.client import NodesClient
from fogbank.queue.client import Share
from fogbank.runtime.component import Component
from fogbank.runtime.secret_files import batch_signing_seed
from fogbank.runtime.settings import UsageSettings
from fogbank.usage.component import open_usage

SERVICE = "usage"


async def opened(process: Process) -> Component:
    settings = process.settings.usage
    share = share_of(settings)
    directory = process.settings.data / "usage"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts = AccountsClient(process.service("accounts", as_service=SERVICE))
    opening = open_usage(
        queue=await process.queue(),
        dsn=settings.clickhouse or f"chdb://{directory}",
        cluster=settings.cluster,
        share=share,
        clock=process.clock,
        billing=BillingClient(process.service("billing", as_service=SERVICE)),
        activity=accounts,
        tiers=accounts,
        admission=admission_of(
            process, f"{SERVICE}-{share.worker}", NodesClient(process.service("compute", as_service=SERVICE))
        ),
        batch_seed=batch_signing_seed(process.secrets),
    )
    return await process.stack.enter_async_context(opening)


def share_of(settings: UsageSettings) -> Share:
    """What this process takes of the readings; `Refused` where the settings do not fit together."""
    if not settings.clickhouse and (settings.workers > 1 or settings.cluster):
        wrong = "usage.workers is more than 1" if settings.workers > 1 else "usage.cluster is set"
        raise Refused(f"{wrong}, but one process owns the store that runs inside; set usage.clickhouse too.", MISUSED)
    if settings.worker >= settings.workers:
        last = settings.workers - 1
        raise Refused(f"usage.worker is {settings.worker}, but the last of {settings.workers} is {last}.", MISUSED)
    return Share(settings.worker, settings.workers)
