"""Compute: the queue, whose last messages are its picture; the database; accounts, and billing for thresholds."""

from fogbank.accounts.client import AccountsClient
from fogbank.billing.client import BillingClient
from fogbank.cli.wiring.admission import admission_of
from fogbank.cli.wiring.process import Process
from fogbank.compute.component import open_compute
from fogbank.compute.nodes.opening import QueueAccess, open_nodes
from fogbank.compute.thresholds.opening import ThresholdsOpening
from fogbank.runtime.component import Component
from fogbank.runtime.queue_secrets import queue_secrets

SERVICE = "compute"


async def opened(process: Process) -> Component:
    settings, queue, database = process.settings, await process.queue(), await process.database()
    accounts = AccountsClient(process.service("accounts", as_service=SERVICE))
    thresholds = ThresholdsOpening(database, accounts, BillingClient(process.service("billing", as_service=SERVICE)))
    interval_seconds = settings.agent.interval_seconds
    nodes = open_nodes(
        database=database,
        queue=queue,
        access=QueueAccess(
            settings.queue.url, settings.nodes.queue_url or settings.queue.url, queue_secrets(process.secrets)
        ),
        accounts=accounts,
        clock=process.clock,
        interval_seconds=interval_seconds,
        thresholds_of=thresholds.acting.of_node,
    )
    thresholds.acting.on_change = nodes.configuring.all_changed
    opening = open_compute(
        queue,
        clock=process.clock,
        interval_seconds=interval_seconds,
        nodes=nodes,
        thresholds=thresholds,
        admission=admission_of(process, SERVICE, nodes.facts),
    )
    return await process.stack.enter_async_context(opening)
