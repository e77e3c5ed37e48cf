"""Compute: the queue, whose last messages are its picture; the database, which has the nodes; accounts."""

from fogbank.accounts.client import AccountsClient
from fogbank.cli.wiring.process import Process
from fogbank.compute.component import open_compute
from fogbank.compute.nodes.opening import QueueAccess, open_nodes
from fogbank.runtime.component import Component
from fogbank.runtime.queue_secrets import queue_secrets

SERVICE = "compute"


async def opened(process: Process) -> Component:
    settings, queue = process.settings, await process.queue()
    interval_seconds = settings.agent.interval_seconds
    nodes = open_nodes(
        database=await process.database(),
        queue=queue,
        access=QueueAccess(
            settings.queue.url, settings.nodes.queue_url or settings.queue.url, queue_secrets(process.secrets)
        ),
        accounts=AccountsClient(process.service("accounts", as_service=SERVICE)),
        clock=process.clock,
        interval_seconds=interval_seconds,
    )
    opening = open_compute(queue, clock=process.clock, interval_seconds=interval_seconds, nodes=nodes)
    return await process.stack.enter_async_context(opening)
