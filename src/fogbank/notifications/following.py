"""Following the signals of all components: each is acknowledged after what it means is written, else comes again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import psycopg
import structlog

from fogbank.events.signals import Signal
from fogbank.notifications.notifying import Notifying
from fogbank.queue.client import Message, QueueClient
from fogbank.runtime.component import Health
from fogbank.runtime.problems import Problem

log = structlog.get_logger(__name__)

DURABLE = "notifications"
MESSAGES_AT_ONCE = 50
WAIT_SECONDS = 5.0
ACK_WAIT_SECONDS = 30.0
TROUBLE_ACK_WAITS = 1.5

_decoder = msgspec.json.Decoder(Signal)


@dataclass(slots=True)
class Following:
    """The durable consumer of signals. Safe to run in several processes at once.

    `after` is told when notices may have been written; `standing` says what else is to be said of how we are.
    """

    queue: QueueClient
    notifying: Notifying
    health: Health
    after: Callable[[], None]
    standing: Callable[[], str]
    ack_wait_seconds: float = ACK_WAIT_SECONDS
    _trouble: str = ""
    _trouble_until: datetime | None = None

    async def run(self) -> None:
        opening = self.queue.signals_consumer(DURABLE, ack_wait_seconds=self.ack_wait_seconds)
        async with opening as consumer:
            while True:
                messages = await consumer.fetch(MESSAGES_AT_ONCE, WAIT_SECONDS)
                for message in messages:
                    if await self._is_followed(message):
                        await consumer.ack([message])
                self._tell_health()
                if messages:
                    self.after()

    async def _is_followed(self, message: Message) -> bool:
        """Follow what the message says; False where that failed, so that it comes again."""
        try:
            signal = _decoder.decode(message.payload)
        except msgspec.DecodeError as error:
            log.warning("not a signal that we know", sequence=message.stream_sequence, reason=str(error))
            return True
        try:
            await self.notifying.follow(signal, message.received_at)
        except (Problem, psycopg.Error) as error:
            log.warning("signal not followed", signal=signal.id, reason=str(error))
            self._trouble = f"a signal could not be followed: {error}"
            self._trouble_until = self.notifying.clock() + timedelta(seconds=TROUBLE_ACK_WAITS * self.ack_wait_seconds)
            return False
        return True

    def _tell_health(self) -> None:
        """What failed counts until it should have come again."""
        if self._trouble_until is not None and self.notifying.clock() < self._trouble_until:
            self.health.failed(self._trouble)
        else:
            self.health.succeeded(self.standing())
