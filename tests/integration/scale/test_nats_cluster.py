"""Three NATS servers, each message on all of them: the leader is killed and comes back, and nobody has to help."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest_asyncio
from nats.js import api
from tests.integration.scale.conftest import running_clickhouse
from tests.integration.scale.nats_cluster import PASSWORD, Cluster, running_cluster

from fogbank.events.batch import NODE, Batch
from fogbank.queue.client import QueueClient, QueueUnavailable, StreamLimits, usage_subject
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.queue_credentials import SERVICES_USER
from fogbank.simulate.fleet import Fleet
from fogbank.usage.auditing import Auditing
from fogbank.usage.ingesting.ingestion import CONSUMER, Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store.engine import Engine

INSTANCES, NODES, PERIODS = 400, 8, 12
START_US, PERIOD_US = 1_767_225_600_000_000, 30_000_000
REPLICAS = 3
PATIENCE_SECONDS = 180


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[Cluster]:
    with temporary_directory() as directory:
        async with running_cluster(directory) as cluster:
            yield cluster


@pytest_asyncio.fixture
async def queue(cluster: Cluster) -> AsyncIterator[QueueClient]:
    opening = QueueClient.open(
        cluster.url, user=SERVICES_USER, password=PASSWORD, limits=StreamLimits(replicas=REPLICAS)
    )
    async with opening as queue:
        await until_streams_are_made(queue)
        yield queue


async def until_streams_are_made(queue: QueueClient) -> None:
    """As a process does that is started again until it can: the servers elect a leader first."""
    while True:
        try:
            await queue.ensure_streams()
        except Exception:  # noqa: BLE001 - whatever an unready cluster says
            await asyncio.sleep(0.1)
        else:
            return


async def send(queue: QueueClient, batch: Batch) -> None:
    """Offer the batch until it is confirmed, as agents do."""
    while True:
        try:
            await queue.publish(usage_subject(batch.headers[NODE]), batch, timeout_seconds=1)
        except QueueUnavailable:
            continue
        return


async def cluster_of(queue: QueueClient) -> api.ClusterInfo:
    while True:
        try:
            info = (await queue.connection.jetstream().stream_info("USAGE")).cluster
        except Exception:  # noqa: BLE001 - whatever it says between two leaders
            continue
        if info is not None and info.leader:
            return info


async def follow(queue: QueueClient, last: dict[str, str]) -> None:
    """What the current picture is made from: the last batch of every node."""
    async with aclosing(queue.follow_latest()) as messages:
        async for message in messages:
            last[message.node_id] = message.headers["Nats-Msg-Id"]


async def test_the_leader_may_be_killed_and_nothing_is_lost_or_doubled(cluster: Cluster, queue: QueueClient) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(PATIENCE_SECONDS))
        directory = stack.enter_context(temporary_directory())
        dsn = await stack.enter_async_context(running_clickhouse(directory / "clickhouse"))
        engine = await stack.enter_async_context(Engine.open(dsn))
        readers = stack.enter_context(Readers.open(dsn))
        health, stamps = Health(now_utc), Stamps(now_utc, 0)
        ingestion = Ingestion(queue, engine, readers, stamps, health, ack_wait_seconds=2.0)
        component = Component("usage", health, tasks=[BackgroundTask("ingestion", ingestion.run)])
        await stack.enter_async_context(running_tasks([component]))
        last: dict[str, str] = {}
        following = asyncio.create_task(follow(queue, last))

        fleet = Fleet(INSTANCES, NODES, 20, seed=4)
        starts_us = [START_US + period * PERIOD_US for period in range(PERIODS)]
        batches = [batch for start_us in starts_us for batch in fleet.tick(start_us, PERIOD_US // 1_000_000)]
        third = len(batches) // 3
        for batch in batches[:third]:
            await send(queue, batch)
        killed = cluster.members[(await cluster_of(queue)).leader or ""]
        await killed.kill()
        for batch in batches[third : 2 * third]:
            await send(queue, batch)
        assert (await cluster_of(queue)).leader != killed.name
        await killed.start()
        for batch in batches[2 * third :]:
            await send(queue, batch)

        while await pending(queue):  # noqa: ASYNC110 - the queue does not tell when it is drained
            await asyncio.sleep(0.05)
        newest = {batch.headers[NODE]: batch.headers["Nats-Msg-Id"] for batch in batches}
        while last != newest:  # noqa: ASYNC110 - messages arrive, and nobody says which was the last
            await asyncio.sleep(0.05)
        following.cancel()
        while not all(replica.current for replica in (await cluster_of(queue)).replicas or []):
            continue

        state = (await queue.connection.jetstream().stream_info("USAGE")).state
        assert state.messages == len(batches)
        rolling = Rolling(engine, stamps, now_utc, 1.0, 0)
        await rolling.roll_up(quiet_us=0)
        figures = await Auditing(queue, engine, readers, rolling).figures()
        assert figures.accepted_events == figures.accepted_stored == figures.stored_events == INSTANCES * PERIODS
        assert figures.window_events == figures.hour_events == INSTANCES * PERIODS


async def pending(queue: QueueClient) -> bool:
    try:
        return await queue.usage_pending(CONSUMER) > 0
    except QueueUnavailable:
        return True


async def test_every_stream_is_on_three_servers_and_a_client_that_wants_fewer_takes_none_away(
    cluster: Cluster, queue: QueueClient
) -> None:
    async with QueueClient.open(cluster.url, user=SERVICES_USER, password=PASSWORD) as other:
        await other.ensure_streams()
    for stream in ("USAGE", "SIGNALS", "QUARANTINE"):
        info = await queue.connection.jetstream().stream_info(stream)
        assert info.config.num_replicas == REPLICAS
