"""The durable consumers of the readings: one per share, each made where what it has to read begins."""

from dataclasses import replace

import nats.errors
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from fogbank.queue.errors import QueueUnavailable
from fogbank.queue.shares import ALL, Share, first_unread, share_named
from fogbank.queue.subjects import SIGNALS_STREAM, SIGNALS_SUBJECTS, USAGE_STREAM

PULL_AHEAD_MESSAGES_MAX = 2_000
PAGE = 256
"""How many consumers the server names at once."""


async def ensure_durable(jetstream: JetStreamContext, consumer: str, share: Share, ack_wait_seconds: float) -> str:
    """Make the durable of that share where it is not there, and return its name."""
    name = share.of(consumer)
    config = api.ConsumerConfig(
        durable_name=name,
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=ack_wait_seconds,
        max_deliver=-1,
        max_ack_pending=PULL_AHEAD_MESSAGES_MAX,
        filter_subject=share.subjects[0] if share == ALL else None,
        filter_subjects=None if share == ALL else share.subjects,
    )
    try:
        await jetstream.add_consumer(USAGE_STREAM, await _beginning(jetstream, consumer, config))
    except (nats.errors.Error, TimeoutError) as error:
        raise QueueUnavailable(f"the consumer '{name}' cannot be made: {error!r}") from error
    return name


async def ensure_signals_durable(jetstream: JetStreamContext, name: str, ack_wait_seconds: float) -> None:
    """Make a durable consumer of every signal that the queue holds, where it is not there."""
    config = api.ConsumerConfig(
        durable_name=name,
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=ack_wait_seconds,
        max_deliver=-1,
        max_ack_pending=PULL_AHEAD_MESSAGES_MAX,
        filter_subject=SIGNALS_SUBJECTS,
    )
    try:
        await jetstream.add_consumer(SIGNALS_STREAM, config)
    except (nats.errors.Error, TimeoutError) as error:
        raise QueueUnavailable(f"the consumer '{name}' cannot be made: {error!r}") from error


async def _beginning(jetstream: JetStreamContext, consumer: str, config: api.ConsumerConfig) -> api.ConsumerConfig:
    """`config` from where it began when it was made, else from the first reading that may not be stored."""
    try:
        existing = (await jetstream.consumer_info(USAGE_STREAM, str(config.durable_name))).config
    except NotFoundError:
        first = first_unread(await _floors(jetstream, consumer))
        if first == 1:
            return config
        return replace(config, deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=first)
    return replace(config, deliver_policy=existing.deliver_policy, opt_start_seq=existing.opt_start_seq)


async def _floors(jetstream: JetStreamContext, consumer: str) -> dict[Share, int]:
    """Up to where each share is acknowledged."""
    floors: dict[Share, int] = {}
    seen = 0
    while page := await jetstream.consumers_info(USAGE_STREAM, offset=seen):
        seen += len(page)
        for info in page:
            share = share_named(info.name, consumer)
            if share is not None:
                floors[share] = info.ack_floor.stream_seq if info.ack_floor else 0
        if len(page) < PAGE:
            break
    return floors


async def pending_messages(jetstream: JetStreamContext, consumer: str, workers: int) -> int:
    """How many messages the workers have not acknowledged yet.

    The server tells a consumer of a new message a moment after it confirmed it to the publisher, so what the consumers
    were given is compared with the stream's end as well.
    """
    names = [Share(worker, workers).of(consumer) for worker in range(workers)]
    try:
        state = (await jetstream.stream_info(USAGE_STREAM)).state
        infos = [await jetstream.consumer_info(USAGE_STREAM, name) for name in names]
    except (nats.errors.Error, TimeoutError) as error:
        raise QueueUnavailable(f"the queue does not tell about consumer '{consumer}': {error!r}") from error
    given = max(info.delivered.stream_seq if info.delivered else 0 for info in infos)
    waiting = sum(info.num_pending or 0 for info in infos)
    return max(waiting, min(state.last_seq - given, state.messages)) + sum(info.num_ack_pending or 0 for info in infos)
