"""Sending: the spool's batches in their order, each deleted after the queue has acknowledged it, for ever."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import structlog

from fogbank.compute.agent.spool import Spool, SpooledBatch, SpoolFull
from fogbank.queue.client import BatchTooLarge, QueueClient, QueueUnavailable

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 3.0
"""How long the first connection may take before the log says that the queue is down."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sender:
    """Drains a spool into the queue, and says once when the queue is gone, and once when it is back."""

    spool: Spool
    subject: str
    _something: asyncio.Event = field(default_factory=asyncio.Event)
    _is_down: bool = False

    def wake(self) -> None:
        """There may be something to send."""
        self._something.set()

    async def send_for_ever(self, opening: AbstractAsyncContextManager[QueueClient]) -> None:
        """Open the queue, waiting until it is there, and send whatever the spool has and gets."""
        warning = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._say_down, "there is no connection yet")
        try:
            async with opening as queue:
                warning.cancel()
                self._say_back()
                while True:
                    self._something.clear()
                    await self._drain(queue)
                    await self._something.wait()
        finally:
            warning.cancel()

    async def _drain(self, queue: QueueClient) -> None:
        while (batch := self.spool.oldest()) is not None:
            try:
                await self._send(queue, batch)
            except (QueueUnavailable, SpoolFull) as trouble:
                self._say_down(str(trouble))
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._say_back()

    async def _send(self, queue: QueueClient, batch: SpooledBatch) -> None:
        if not queue.connection.is_connected:
            # It would be kept in memory and sent at the reconnect, once for each time that we tried.
            raise QueueUnavailable("there is no connection")
        try:
            await queue.publish(self.subject, batch.batch)
        except BatchTooLarge as refusal:
            _log.warning("batch_split", reason=str(refusal))
            self.spool.split(batch)
        else:
            self.spool.delete(batch)

    def _say_down(self, reason: str) -> None:
        if not self._is_down:
            self._is_down = True
            _log.warning("queue_down", reason=reason, meanwhile="readings are kept on this disk and sent later")

    def _say_back(self) -> None:
        if self._is_down:
            self._is_down = False
            _log.info("queue_back", batches_to_send=self.spool.waiting())
