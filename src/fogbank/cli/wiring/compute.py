"""Compute: the queue, whose last messages are all it knows."""

from fogbank.cli.wiring.process import Process
from fogbank.compute.component import open_compute
from fogbank.runtime.component import Component


async def opened(process: Process) -> Component:
    interval_seconds = process.settings.agent.interval_seconds
    opening = open_compute(await process.queue(), clock=process.clock, interval_seconds=interval_seconds)
    return await process.stack.enter_async_context(opening)
