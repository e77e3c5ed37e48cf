"""The door: from a body to readings on the queue, and a verdict on each of its events."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from fogbank.events.batch import Batch
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient, QueueUnavailable, usage_subject
from fogbank.queue.door.forms import form_of
from fogbank.queue.door.limits import DoorLimits
from fogbank.queue.door.nodes import node_of
from fogbank.queue.door.packing import message_of
from fogbank.queue.door.reading import BodyEvents, read_body
from fogbank.queue.door.tenancy import only_own
from fogbank.queue.door.unpacking import Packing, packing_of, unpacked
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock

AT_ONCE_BYTES_MAX = 64 * 1024
"""A larger body is read beside the event loop, and one at a time: others' requests go on, and memory is bounded."""


@dataclass(frozen=True, slots=True)
class Door:
    """Takes bodies. Safe to use from many tasks at once."""

    queue: QueueClient
    limits: DoorLimits
    clock: Clock
    _large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def take(self, caller: Caller, headers: Mapping[str, str], body: bytes) -> BodyEvents:
        """Put the body's right events on the queue, and return its verdicts after they are on disk.

        Where none is right nothing is stored. `BodyRefused` where the body as a whole is not taken; `QueueUnavailable`
        and `BatchTooLarge` as `QueueClient.publish` says: then no event of it counts as accepted.
        """
        self._require_queue()
        node_id = node_of(caller.id)
        if len(body) <= AT_ONCE_BYTES_MAX and packing_of(headers.get("content-encoding", "")) is Packing.NONE:
            events, message = self._prepared(caller, node_id, headers, body)
        else:
            async with self._large:
                events, message = await asyncio.to_thread(self._prepared, caller, node_id, headers, body)
        if message is not None:
            await self.queue.publish(usage_subject(node_id), message)
        return events

    def _prepared(
        self, caller: Caller, node_id: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[BodyEvents, Batch | None]:
        """The verdicts, and the message to send, None where no event is right."""
        form, packing = form_of(headers), packing_of(headers.get("content-encoding", ""))
        text = unpacked(body, packing, self.limits.unpacked_bytes_max)
        now_us = microseconds_of(self.clock())
        events = only_own(read_body(text, form, headers, now_us, self.limits.events_max), caller)
        if not events.valid:
            return events, None
        return events, message_of(events, node_id, body if packing is Packing.ZSTD else None)

    def _require_queue(self) -> None:
        if not self.queue.is_connected:
            raise QueueUnavailable("the queue is not connected")
