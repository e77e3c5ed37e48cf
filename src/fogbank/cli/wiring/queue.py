"""The queue's door and registry: the queue, and the settings of the door."""

from fogbank.cli.wiring.process import Process
from fogbank.queue.component import open_queue
from fogbank.queue.door.limits import DoorLimits
from fogbank.queue.door.tenancy import Senders
from fogbank.runtime.component import Component


async def opened(process: Process) -> Component:
    door = process.settings.door
    limits = DoorLimits(
        body_bytes_max=door.body_bytes_max,
        unpacked_bytes_max=door.unpacked_bytes_max,
        events_max=door.events_max,
        requests_per_second=door.requests_per_second,
        events_per_second=door.events_per_second,
        bytes_per_second=door.bytes_per_second,
    )
    opening = open_queue(
        await process.queue(), clock=process.clock, limits=limits, open_to=Senders(process.settings.door.open_to)
    )
    return await process.stack.enter_async_context(opening)
