"""Following the latest message of every subject: what a view without a store of its own is made from."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import nats.errors
import structlog
from nats.aio.client import Client as NatsConnection
from nats.js import api

from fogbank.queue.consumer import PullConsumer
from fogbank.queue.errors import QueueUnavailable
from fogbank.queue.message import Message

FETCH_MESSAGES_MAX = 256
FETCH_WAIT_SECONDS = 2.0
FORGET_SECONDS = 60.0
"""How long the server keeps the cursor of a follower that is gone."""
PAUSE_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def follow_latest(connection: NatsConnection, stream: str, subjects: str) -> AsyncGenerator[Message, None]:
    """The last message of each of `subjects`, then every new one in order, for ever.

    The server's cursor lives in its memory, and what was in flight when a connection broke is gone with it; so after
    each break a new cursor continues behind the last message given out, or starts over where the stream is a new one.
    """
    seen = 0
    while True:
        try:
            async with _cursor(connection, stream, subjects, seen) as consumer:
                breaks = connection.stats["reconnects"]
                while True:
                    messages = await consumer.fetch(FETCH_MESSAGES_MAX, FETCH_WAIT_SECONDS)
                    if connection.stats["reconnects"] != breaks:
                        break
                    for message in messages:
                        seen = message.stream_sequence
                        yield message
        except (QueueUnavailable, nats.errors.Error, TimeoutError) as error:
            _log.warning("following_interrupted", stream=stream, error=repr(error))
            await asyncio.sleep(PAUSE_SECONDS)


async def replay(connection: NatsConnection, stream: str, subjects: str) -> AsyncGenerator[list[Message], None]:
    """Every message that the stream holds now, in order and in handfuls; `QueueUnavailable` where it breaks off."""
    state = (await connection.jetstream().stream_info(stream)).state
    breaks = connection.stats["reconnects"]
    if state.messages == 0:
        return
    async with _pulling(connection, stream, subjects, api.DeliverPolicy.ALL, None) as consumer:
        while messages := await consumer.fetch(FETCH_MESSAGES_MAX, FETCH_WAIT_SECONDS):
            if connection.stats["reconnects"] != breaks:
                break
            yield [message for message in messages if message.stream_sequence <= state.last_seq]
            if messages[-1].stream_sequence >= state.last_seq:
                return
    raise QueueUnavailable(f"reading {stream} broke off before its end; read it again")


@asynccontextmanager
async def _cursor(connection: NatsConnection, stream: str, subjects: str, seen: int) -> AsyncIterator[PullConsumer]:
    last = (await connection.jetstream().stream_info(stream)).state.last_seq
    if 0 < seen <= last:
        policy, start = api.DeliverPolicy.BY_START_SEQUENCE, seen + 1
    else:
        policy, start = api.DeliverPolicy.LAST_PER_SUBJECT, None
    async with _pulling(connection, stream, subjects, policy, start) as consumer:
        yield consumer


@asynccontextmanager
async def _pulling(
    connection: NatsConnection, stream: str, subjects: str, policy: api.DeliverPolicy, start: int | None
) -> AsyncIterator[PullConsumer]:
    config = api.ConsumerConfig(
        deliver_policy=policy,
        opt_start_seq=start,
        ack_policy=api.AckPolicy.NONE,
        filter_subject=subjects,
        inactive_threshold=FORGET_SECONDS,
        mem_storage=True,
    )
    made = await connection.jetstream().add_consumer(stream, config)
    async with PullConsumer.open(connection, stream, made.name) as consumer:
        yield consumer
