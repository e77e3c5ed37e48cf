"""The queue's promises, on a real NATS: durable, at least once, each message acknowledged by itself, nothing forged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from fogbank.events.batch import Batch, pack
from fogbank.events.node_configuration import NodeConfiguration
from fogbank.events.signals import Signal, SignalType
from fogbank.events.usage_event import Rejection
from fogbank.queue.client import BatchTooLarge, Message, QueueClient, QueueUnavailable, usage_subject
from fogbank.queue.subjects import NODES_STREAM, QUARANTINE_STREAM, SIGNALS_STREAM
from fogbank.runtime.embedded import NatsServer


@pytest_asyncio.fixture
async def queue(nats: NatsServer) -> AsyncIterator[QueueClient]:
    """A client of the session's queue, its streams made and empty."""
    async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
        await queue.ensure_streams()
        for stream in ("USAGE", SIGNALS_STREAM, QUARANTINE_STREAM, NODES_STREAM):
            await queue.connection.jetstream().purge_stream(stream)
        yield queue


def batch(node_id: str, number: int) -> Batch:
    return pack([f'{{"number":{number}}}'.encode()], node_id, number, number)


async def take(queue: QueueClient, count: int) -> list[Message]:
    async with aclosing(queue.follow_latest()) as messages:
        return [await anext(messages) for _ in range(count)]


async def test_a_batch_sent_again_under_its_id_is_stored_once(queue: QueueClient) -> None:
    first = await queue.publish(usage_subject("node-a"), batch("node-a", 1))
    assert await queue.publish(usage_subject("node-a"), batch("node-a", 1)) == first


async def test_a_fetch_gives_what_waits_and_nothing_where_nothing_does(queue: QueueClient) -> None:
    async with queue.usage_consumer("fetching") as consumer:
        assert await consumer.fetch(10, wait_seconds=0.05) == []
        for number in range(3):
            await queue.publish(usage_subject("node-b"), batch("node-b", number))
        messages = await consumer.fetch(10, wait_seconds=10)
        assert [message.node_id for message in messages] == ["node-b"] * 3
        await consumer.ack(messages)


async def test_of_a_nodes_configurations_the_last_one_is_kept_and_found_by_its_name(queue: QueueClient) -> None:
    assert await queue.configuration_of("node.a") is None
    for revision in (1, 2, 1):
        await queue.configure("node.a", NodeConfiguration(revision=revision))
    await queue.configure("node-b", NodeConfiguration(revision=7))
    assert await queue.configuration_of("node.a") == NodeConfiguration(revision=1)
    assert (await queue.connection.jetstream().stream_info(NODES_STREAM)).state.messages == 2


async def test_a_waiting_fetch_gets_the_next_message(queue: QueueClient) -> None:
    async with queue.usage_consumer("waiting") as consumer:
        waiting = asyncio.create_task(consumer.fetch(10, wait_seconds=30))
        sequence = await queue.publish(usage_subject("node-c"), batch("node-c", 1))
        [message] = await waiting
        assert message.stream_sequence == sequence
        await consumer.ack([message])


async def test_an_acknowledgement_covers_only_its_own_message(queue: QueueClient) -> None:
    async with queue.usage_consumer("explicit", ack_wait_seconds=1) as consumer:
        for number in range(3):
            await queue.publish(usage_subject("node-d"), batch("node-d", number))
        first, middle, last = await consumer.fetch(10, wait_seconds=10)
        await consumer.ack([last])
        again = await consumer.fetch(10, wait_seconds=10)
        if len(again) == 1:
            again += await consumer.fetch(10, wait_seconds=10)
        assert {message.stream_sequence for message in again} == {first.stream_sequence, middle.stream_sequence}
        assert {message.received_at for message in again} == {first.received_at, middle.received_at}


async def test_following_starts_with_the_last_message_of_each_node_and_goes_on(queue: QueueClient) -> None:
    for node_id in ("node-e", "node.with.dots"):
        for number in range(3):
            await queue.publish(usage_subject(node_id), batch(node_id, number))
    async with aclosing(queue.follow_latest()) as messages:
        latest = [await anext(messages), await anext(messages)]
        assert {message.node_id for message in latest} == {"node-e", "node.with.dots"}
        assert all(message.headers["Nats-Msg-Id"].endswith(":2-2") for message in latest)
        sequence = await queue.publish(usage_subject("node-e"), batch("node-e", 9))
        assert (await anext(messages)).stream_sequence == sequence


async def test_what_is_quarantined_keeps_its_bytes_and_says_why_once(queue: QueueClient) -> None:
    await queue.publish(usage_subject("node-f"), batch("node-f", 1))
    [message] = await take(queue, 1)
    why = Rejection("period.end", "is wrong\r\nFogbank-Node: forged é")
    for _ in range(2):
        await queue.quarantine(message, why, b'{"number":1}', ordinal=0)
    jetstream = queue.connection.jetstream()
    assert (await jetstream.stream_info(QUARANTINE_STREAM)).state.messages == 1
    kept = await jetstream.get_last_msg(QUARANTINE_STREAM, "quarantine.v1.node-f")
    assert kept.data == b'{"number":1}'
    assert kept.headers is not None
    assert kept.headers["Fogbank-Rejected-Field"] == "period.end"
    assert kept.headers["Fogbank-Rejected-Reason"] == "is wrong  Fogbank-Node: forged \\xe9"
    assert kept.headers["Fogbank-Node"] == "node-f"


async def test_a_signal_told_twice_is_told_once(queue: QueueClient) -> None:
    signal = Signal(
        type=SignalType.BALANCE_LOW, id="low-1", occurred_at="2026-01-01T00:00:00Z", account_id="org_1", data={}
    )
    await queue.signal(signal)
    await queue.signal(signal)
    info = await queue.connection.jetstream().stream_info(SIGNALS_STREAM)
    assert info.state.messages == 1


async def test_what_no_stream_takes_is_not_confirmed(queue: QueueClient) -> None:
    with pytest.raises(QueueUnavailable, match="not confirmed"):
        await queue.publish("elsewhere.v1.x", batch("x", 1), timeout_seconds=1)


async def test_a_batch_beyond_the_servers_limit_is_refused_for_good(queue: QueueClient) -> None:
    with pytest.raises(BatchTooLarge):
        await queue.publish(usage_subject("node-g"), Batch(bytes(64 * 1024 * 1024), {}))


async def test_following_survives_a_restart_of_the_queue(queue: QueueClient, nats: NatsServer) -> None:
    await queue.publish(usage_subject("node-h"), batch("node-h", 1))
    async with aclosing(queue.follow_latest()) as messages:
        await anext(messages)
        following = asyncio.ensure_future(anext(messages))
        await nats.stop()
        await nats.start()
        sequence = None
        while sequence is None:
            try:
                sequence = await queue.publish(usage_subject("node-h"), batch("node-h", 2), timeout_seconds=1)
            except QueueUnavailable:
                continue
        assert (await following).stream_sequence == sequence
