"""Streams: a snapshot under way of what comes in, and a consumer that goes on where it had acknowledged."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fogbank.backup import streams
from fogbank.backup.errors import BackupFailed
from fogbank.events.batch import Batch
from fogbank.queue.client import QueueClient, StreamLimits, usage_subject
from fogbank.queue.subjects import MIB, NODES_STREAM, QUARANTINE_STREAM, SIGNALS_STREAM, USAGE_STREAM
from fogbank.runtime.embedded import running_nats, temporary_directory

SMALL = StreamLimits(usage_bytes_max=64 * MIB, signals_bytes_max=MIB, quarantine_bytes_max=MIB, nodes_bytes_max=MIB)
CONSUMER = "usage"


@asynccontextmanager
async def fresh_queue(*, with_streams: bool) -> AsyncIterator[QueueClient]:
    with temporary_directory() as data_dir:
        async with (
            running_nats(data_dir) as server,
            QueueClient.open(server.url, user=server.user, password=server.password) as queue,
        ):
            if with_streams:
                await queue.ensure_streams(SMALL)
            yield queue


async def send(queue: QueueClient, numbers: range) -> None:
    for number in numbers:
        await queue.publish(usage_subject("node"), Batch(b"%d" % number * 500, {"Nats-Msg-Id": f"m{number}"}))


async def test_a_restored_stream_delivers_again_all_that_was_not_acknowledged_before_the_snapshot() -> None:
    snapshot = io.BytesIO()
    async with fresh_queue(with_streams=True) as queue:
        await send(queue, range(1, 101))
        async with queue.usage_consumer(CONSUMER) as consumer:
            await consumer.ack(await consumer.fetch(30, 5))
            names = await streams.stream_names(queue.connection)
            [place] = await streams.places(queue.connection, names)
            # What is acknowledged from here on may be missing in a store that was saved before.
            await consumer.ack(await consumer.fetch(20, 5))
            sending = asyncio.create_task(send(queue, range(101, 401)))
            stream = await streams.save(queue.connection, USAGE_STREAM, snapshot)
            await sending
    assert set(names) == {USAGE_STREAM, SIGNALS_STREAM, QUARANTINE_STREAM, NODES_STREAM}
    assert place.acknowledged == 30

    async with fresh_queue(with_streams=False) as again:
        snapshot.seek(0)
        await streams.restore(again.connection, stream, snapshot)
        await streams.put_in_place(again.connection, place)
        await again.ensure_streams(SMALL)
        async with again.usage_consumer(CONSUMER) as consumer:
            waiting = await again.usage_pending(CONSUMER)
            messages = await consumer.fetch(1_000, 5)
        last = await again.publish(usage_subject("node"), Batch(b"new", {"Nats-Msg-Id": "new"}))
    sequences = [message.stream_sequence for message in messages]
    assert waiting == len(messages) >= 70
    assert sequences == list(range(31, 31 + len(sequences)))
    assert [message.payload for message in messages] == [b"%d" % number * 500 for number in sequences]
    assert last == sequences[-1] + 1


async def test_a_snapshot_that_does_not_fit_is_refused_in_the_queues_words() -> None:
    async with fresh_queue(with_streams=True) as queue:
        snapshot = io.BytesIO()
        await send(queue, range(1, 5))
        stream = await streams.save(queue.connection, USAGE_STREAM, snapshot)
        with pytest.raises(BackupFailed, match="The queue refused: "):
            await streams.restore(queue.connection, stream, io.BytesIO(snapshot.getvalue()))
