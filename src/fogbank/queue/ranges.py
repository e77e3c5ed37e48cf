"""Reading a part of a stream again, without touching what any consumer has acknowledged."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import nats.errors
from nats.aio.client import Client as NatsConnection
from nats.js import api

from fogbank.queue.consumer import PullConsumer
from fogbank.queue.errors import QueueUnavailable
from fogbank.queue.message import Message

FETCH_MESSAGES_MAX = 256
FETCH_WAIT_SECONDS = 2.0
FORGET_SECONDS = 60.0
"""How long the server keeps the cursor of a reader that is gone."""
ROUNDING = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """The messages that a stream keeps now: from `first` to `last`, both included; none where `last` is lower."""

    first: int
    last: int


async def kept(connection: NatsConnection, stream: str) -> Kept:
    """What the stream keeps now."""
    try:
        state = (await connection.jetstream().stream_info(stream)).state
    except (nats.errors.Error, TimeoutError) as error:
        raise QueueUnavailable(f"the queue does not tell about {stream}: {error!r}") from error
    return Kept(state.first_seq, state.last_seq)


async def read_range(
    connection: NatsConnection, stream: str, first: int, last: int, *, subject: str | None = None, whole: bool = True
) -> AsyncGenerator[list[Message], None]:
    """The messages `first` to `last`, both included, that the stream still keeps; in order and in handfuls.

    Only those of `subject`, where one is named; with `whole` False without their payloads, whose size the header
    `Nats-Msg-Size` says. `QueueUnavailable` where it breaks off before the end.
    """
    there = await kept(connection, stream)
    first, last = max(first, there.first, 1), min(last, there.last)
    if first > last:
        return
    breaks = connection.stats["reconnects"]
    start = {"deliver_policy": api.DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": first}
    async with _cursor(connection, stream, {**start, "filter_subject": subject, "headers_only": not whole}) as cursor:
        while messages := await cursor.fetch(FETCH_MESSAGES_MAX, FETCH_WAIT_SECONDS):
            if connection.stats["reconnects"] != breaks:
                break
            yield [message for message in messages if message.stream_sequence <= last]
            if messages[-1].stream_sequence >= last or not messages[-1].pending:
                return
        else:
            if subject is not None and connection.is_connected and connection.stats["reconnects"] == breaks:
                return  # None of the subject is left.
    raise QueueUnavailable(f"reading {stream} broke off before its end; read it again")


async def message_at(connection: NatsConnection, stream: str, sequence: int) -> Message | None:
    """The message in that place; None where the stream does not keep it."""
    async with aclosing(read_range(connection, stream, sequence, sequence)) as handfuls:
        async for messages in handfuls:
            for message in messages:
                return message
    return None


async def sequence_at(connection: NatsConnection, stream: str, instant: datetime) -> int:
    """The place of the first message that was stored at that instant or later; where there is none, the next one's."""
    there = await kept(connection, stream)
    # The client rounds the server's nanoseconds: what it calls the instant may have been just before it.
    start = {"deliver_policy": api.DeliverPolicy.BY_START_TIME, "opt_start_time": instant - ROUNDING}
    async with _cursor(connection, stream, {**start, "headers_only": True}) as cursor:
        while messages := await cursor.fetch(FETCH_MESSAGES_MAX, 0):
            for message in messages:
                if message.received_at >= instant:
                    return message.stream_sequence
    return there.last + 1


@asynccontextmanager
async def _cursor(connection: NatsConnection, stream: str, start: dict[str, Any]) -> AsyncIterator[PullConsumer]:
    config = api.ConsumerConfig(
        ack_policy=api.AckPolicy.NONE, inactive_threshold=FORGET_SECONDS, mem_storage=True, **start
    )
    try:
        made = await connection.jetstream().add_consumer(stream, config)
    except (nats.errors.Error, TimeoutError) as error:
        raise QueueUnavailable(f"{stream} cannot be read: {error!r}") from error
    async with PullConsumer.open(connection, stream, made.name) as cursor:
        yield cursor
