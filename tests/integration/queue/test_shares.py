"""Several workers share one stream: each node's batches are one worker's, and a new division leaves nothing out."""

from collections.abc import AsyncIterator

import pytest_asyncio

from fogbank.events.batch import Batch, pack
from fogbank.queue.client import Message, QueueClient, Share, usage_subject
from fogbank.queue.streams import stream_configs
from fogbank.queue.subjects import USAGE_STREAM, StreamLimits
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory

NODES = [f"node-{number}" for number in range(40)]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[NatsServer]:
    with temporary_directory() as directory:
        async with running_nats(directory) as server:
            yield server


@pytest_asyncio.fixture
async def queue(server: NatsServer) -> AsyncIterator[QueueClient]:
    async with QueueClient.open(server.url, user=server.user, password=server.password) as queue:
        yield queue


def batch(node_id: str, number: int) -> Batch:
    return pack([b"{}"], node_id, number, number)


async def publish_all(queue: QueueClient, number: int) -> None:
    for node_id in NODES:
        await queue.publish(usage_subject(node_id), batch(node_id, number))


async def read(queue: QueueClient, share: Share, *, acknowledge: bool = True) -> list[Message]:
    """Everything that the worker of that share gets."""
    messages: list[Message] = []
    async with queue.usage_consumer("usage", share=share) as consumer:
        while fetched := await consumer.fetch(100, 0):
            messages += fetched
        if acknowledge:
            await consumer.ack(messages)
            await queue.connection.flush()
    return messages


async def test_each_node_has_one_worker_and_no_batch_has_two(queue: QueueClient) -> None:
    await queue.ensure_streams()
    await publish_all(queue, 1)
    await publish_all(queue, 2)
    shares = [Share(worker, 3) for worker in range(3)]
    read_by = [await read(queue, share) for share in shares]
    nodes = [{message.node_id for message in messages} for messages in read_by]
    assert all(nodes)
    assert sorted(node_id for each in nodes for node_id in each) == sorted(NODES)
    assert sum(map(len, read_by)) == 2 * len(NODES)
    assert await queue.usage_pending("usage", 3) == 0


async def test_a_new_division_begins_where_the_last_whole_one_is_acknowledged(queue: QueueClient) -> None:
    await queue.ensure_streams()
    await publish_all(queue, 1)
    assert len(await read(queue, Share())) == len(NODES)
    await publish_all(queue, 2)
    halves = [await read(queue, Share(0, 2)), await read(queue, Share(1, 2), acknowledge=False)]
    assert sum(map(len, halves)) == len(NODES)
    # The second half is not stored, so whatever it had is given out again, to whomever it falls now.
    thirds = [message for worker in range(3) for message in await read(queue, Share(worker, 3))]
    assert {message.stream_sequence for message in halves[1]} <= {message.stream_sequence for message in thirds}
    assert await queue.usage_pending("usage", 3) == 0


async def test_what_is_kept_from_before_there_were_partitions_is_read_once(queue: QueueClient) -> None:
    jetstream = queue.connection.jetstream()
    old = stream_configs(StreamLimits())[0]
    old.subject_transform = None
    await jetstream.add_stream(old)
    await publish_all(queue, 1)
    await queue.ensure_streams()
    await publish_all(queue, 2)
    info = await jetstream.stream_info(USAGE_STREAM, subjects_filter=">")
    assert {subject.count(".") for subject in info.state.subjects or {}} == {2, 3}
    halves = [await read(queue, Share(0, 2)), await read(queue, Share(1, 2))]
    assert sorted(message.node_id for each in halves for message in each) == sorted(NODES * 2)
