"""What a node is told reaches its agent before the next tick, and stays known without a queue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fogbank.compute.agent.configuration import Configured
from fogbank.compute.agent.model import Instance, Owner
from fogbank.compute.agent.spool import Spool
from fogbank.events.batch import Batch
from fogbank.events.node_configuration import NodeConfiguration, PlacedInstance
from fogbank.queue.client import QueueClient
from fogbank.queue.subjects import NODES_STREAM, node_configuration_subject
from fogbank.runtime.embedded import NatsServer

VM = Instance("vm-1")


@pytest_asyncio.fixture(scope="module")
async def queue(nats: NatsServer) -> AsyncIterator[QueueClient]:
    async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
        await queue.ensure_streams()
        yield queue


def placing(revision: int, user_id: str) -> NodeConfiguration:
    placed = PlacedInstance(instance_id="vm-1", user_id=user_id, tier="small")
    return NodeConfiguration(revision=revision, placements=[placed])


async def test_what_is_told_holds_from_the_next_question_on_and_after_a_restart(
    queue: QueueClient, tmp_path: Path
) -> None:
    with Spool.open(tmp_path / "spool.db", "node-told", 0) as spool:
        configured = Configured(spool, "node-told")
        await configured.ask(queue, 5)
        assert configured.owner_of(VM) is None
        for revision, user in ((1, "user_1"), (2, "user_2")):
            await queue.configure("node-told", placing(revision, user))
            await configured.ask(queue, 5)
            assert configured.owner_of(VM) == Owner(user)
    with Spool.open(tmp_path / "spool.db", "node-told", 0) as spool:
        assert Configured(spool, "node-told").owner_of(VM) == Owner("user_2")


async def test_no_news_and_nonsense_leave_in_force_what_was_told(queue: QueueClient, tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", "node-old", 0) as spool:
        configured = Configured(spool, "node-old", set_to=Owner("user_set"))
        assert configured.owner_of(VM) == Owner("user_set")
        await queue.configure("node-old", placing(1, "user_1"))
        await configured.ask(queue, 5)
        await queue.publish(node_configuration_subject("node-old"), Batch(b"{]", {}))
        await configured.ask(queue, 5)
        await queue.connection.jetstream().purge_stream(NODES_STREAM)
        await configured.ask(queue, 5)
        await queue.connection.jetstream().delete_stream(NODES_STREAM)
        await configured.ask(queue, 0.2)
        assert configured.owner_of(VM) == Owner("user_1")
        await queue.ensure_streams()
