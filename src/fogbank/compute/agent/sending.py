"""Sending: the spool's batches in their order and at a bounded pace, each deleted after the queue has it, for ever."""

import asyncio
from dataclasses import dataclass, field

import structlog

from fogbank.compute.agent.pace import Pace
from fogbank.compute.agent.spool import Spool, SpooledBatch, SpoolFull
from fogbank.events.batch import Batch
from fogbank.events.signing import signed
from fogbank.queue.client import BatchTooLarge, QueueClient, QueueUnavailable
from fogbank.runtime.clock import MonotonicClock, monotonic_seconds

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 3.0
"""How long the first connection may take before the log says that the queue is down."""
BATCHES_PER_SECOND = 2
"""An hour of ticks of 30 seconds in a minute: a thousand agents that come back together do not flood the queue."""
BATCHES_AT_ONCE = 4

_log = structlog.get_logger(__name__)


def usual_pace() -> Pace:
    return Pace(BATCHES_PER_SECOND, BATCHES_AT_ONCE)


@dataclass(slots=True)
class Sender:
    """Drains a spool into the queue, and says once when the queue is gone, and once when it is back.

    Batches are signed with `key_seed`, where there is one, as they are sent: what waited under an old key goes out
    under the new one, and is the same readings.
    """

    spool: Spool
    subject: str
    key_seed: bytes | None = field(default=None, repr=False)
    pace: Pace = field(default_factory=usual_pace)
    monotonic: MonotonicClock = monotonic_seconds
    _something: asyncio.Event = field(default_factory=asyncio.Event)
    _is_down: bool = False

    def wake(self) -> None:
        """There may be something to send."""
        self._something.set()

    def expect_queue(self) -> asyncio.TimerHandle:
        """Say that the queue is down where this is not cancelled soon, because there is a connection."""
        loop = asyncio.get_running_loop()
        return loop.call_later(PATIENCE_SECONDS, self._say_down, "there is no connection yet")

    async def send_for_ever(self, queue: QueueClient) -> None:
        """Send whatever the spool has and gets."""
        self._say_back()
        while True:
            self._something.clear()
            await self._drain(queue)
            await self._something.wait()

    async def _drain(self, queue: QueueClient) -> None:
        while self.spool.waiting():
            try:
                await self._send_next(queue)
            except (QueueUnavailable, SpoolFull) as trouble:
                self._say_down(str(trouble))
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._say_back()

    async def _send_next(self, queue: QueueClient) -> None:
        if not queue.is_connected:
            # It would be kept in memory and sent at the reconnect, once for each time that we tried.
            raise QueueUnavailable("there is no connection")
        await asyncio.sleep(self.pace.wait_seconds(self.monotonic()))
        batch = self.spool.to_send()
        if batch is None:
            return
        try:
            await queue.publish(self.subject, self._signed(batch))
        except BatchTooLarge as refusal:
            _log.warning("batch_split", reason=str(refusal))
            self.spool.split(batch)
        else:
            self.spool.delete(batch)

    def _signed(self, batch: SpooledBatch) -> Batch:
        return batch.batch if self.key_seed is None else signed(batch.batch, self.key_seed)

    def _say_down(self, reason: str) -> None:
        if not self._is_down:
            self._is_down = True
            _log.warning("queue_down", reason=reason, meanwhile="readings are kept on this disk and sent later")

    def _say_back(self) -> None:
        if self._is_down:
            self._is_down = False
            _log.info("queue_back", batches_to_send=self.spool.waiting())
