"""Pulling messages from a stream, and acknowledging each one by itself.

`AckPolicy.ALL` loses messages: a new consumer's acknowledgement covers those that a dead one still had in flight. So
every consumer here is EXPLICIT. Two kinds of pull request exist: "what is there now", and "the next one, whenever it
comes"; neither leaves a request behind that could swallow a later message.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import nats.errors
from nats.aio.client import Client as NatsConnection
from nats.aio.subscription import Subscription
from nats.js import api

from fogbank.queue.errors import QueueUnavailable
from fogbank.queue.message import Message, message_of

ANSWER_SECONDS = 2.0
"""How long the server may take to say that nothing is there."""

ENDED = frozenset({"404", "408", "409"})
"""Statuses that end a pull without being a failure: nothing there, expired, limit reached or server draining."""

ACKNOWLEDGED_AT = "$JS.ACK."
"""How the place begins where a message is acknowledged. A status has none; its headers anybody may have sent."""

NANOSECONDS_PER_SECOND = 1_000_000_000


@dataclass(slots=True)
class PullConsumer:
    """A consumer of one stream. One task at a time may fetch from it."""

    connection: NatsConnection
    stream: str
    name: str
    inbox: str
    subscription: Subscription
    numbers: Iterable[int] = field(default_factory=itertools.count)

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: NatsConnection, stream: str, name: str) -> AsyncIterator[Self]:
        """Attach to the consumer `name` of `stream`, which exists."""
        inbox = connection.new_inbox()
        # Only what was pulled arrives, so the pull itself is the limit, and the client's own must not drop any of it.
        subscription = await connection.subscribe(f"{inbox}.*", pending_bytes_limit=0)
        try:
            yield cls(connection, stream, name, inbox, subscription)
        finally:
            if not connection.is_closed:
                await subscription.unsubscribe()

    async def fetch(self, messages_max: int, wait_seconds: float) -> list[Message]:
        """What waits, at most `messages_max`; where nothing does, the next one within `wait_seconds`, or `[]`."""
        messages = await self._pull(messages_max, {"no_wait": True}, ANSWER_SECONDS)
        if messages or not wait_seconds:
            return messages
        expires = {"expires": int(wait_seconds * NANOSECONDS_PER_SECOND)}
        return await self._pull(1, expires, wait_seconds + ANSWER_SECONDS)

    async def ack(self, messages: Iterable[Message]) -> None:
        """Acknowledge each message; a lost acknowledgement only means that it is delivered again."""
        for message in messages:
            await self.connection.publish(message.ack_subject, b"+ACK")

    async def _pull(self, count: int, options: Mapping[str, object], wait_seconds: float) -> list[Message]:
        reply = f"{self.inbox}.{next(iter(self.numbers))}"
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self.name}"
        messages: list[Message] = []
        try:
            await self.connection.publish(subject, json.dumps({"batch": count, **options}).encode(), reply)
            async with asyncio.timeout(wait_seconds):
                while len(messages) < count:
                    raw = await self.subscription.next_msg(timeout=None)
                    if raw.reply.startswith(ACKNOWLEDGED_AT):
                        messages.append(message_of(raw))
                    elif raw.subject == reply:
                        self._require_ended((raw.headers or {}).get(api.Header.STATUS.value, ""))
                        break
        except TimeoutError:
            pass  # The connection is down or the server is busy; what it sends later is taken by the next pull.
        except nats.errors.Error as error:
            raise QueueUnavailable(f"the queue cannot be pulled from: {error!r}") from error
        return messages

    def _require_ended(self, status: str) -> None:
        if status not in ENDED:
            raise QueueUnavailable(f"the queue answers {status} to consumer '{self.name}' of {self.stream}")
