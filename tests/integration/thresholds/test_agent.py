"""From a threshold that is set to the operator's program on the node: through the database, the queue and the agent."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from tests.integration.thresholds.conftest import World

from fogbank.compute.agent.model import Instance
from fogbank.compute.agent.running import AgentSettings, run_agent
from fogbank.compute.nodes.configuring import Configuring
from fogbank.compute.nodes.model import Seen
from fogbank.compute.nodes.observing import Observing
from fogbank.events.node_configuration import NodeConfiguration, PlacedInstance
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer

NODE = "node-hooked"
PLACED = [PlacedInstance(instance_id="host-1", user_id="user_ann", tier="standard")]


async def configure(world: World, revision: int) -> None:
    """Publish what the node is to be told now."""
    acting = world.thresholds.checker.acting
    thresholds = await acting.of_node(NODE, PLACED)
    told = NodeConfiguration(revision=revision, placements=PLACED, thresholds=thresholds)
    await world.queue.configure(NODE, told)


async def until(path: Path, count: int) -> list[dict[str, str]]:
    """The documents that the program got, once there are so many."""
    while not path.exists() or path.read_text().count("\n") < count:  # noqa: ASYNC110, ASYNC240 - a file does not tell
        await asyncio.sleep(0.02)
    return [msgspec.json.decode(line, type=dict[str, str]) for line in path.read_text().splitlines()]  # noqa: ASYNC240


async def test_the_operators_program_is_told_what_a_threshold_asks_for_and_when_it_is_over(
    world: World, own_nats: NatsServer, tmp_path: Path
) -> None:
    got, hook = tmp_path / "got", tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\necho $(cat) >> {got}\n")
    hook.chmod(0o755)
    made = await world.set(
        user_id="*",
        resource_type="memory",
        threshold_type="percentage",
        threshold_value=0.001,
        units="%",
        action="throttle",
        notification_channels=[],
    )
    await world.check()
    await configure(world, 1)
    settings = AgentSettings(
        node_id=NODE,
        spool_path=tmp_path / "spool.db",
        queue_url=own_nats.url,
        queue_user=own_nats.user,
        queue_password=own_nats.password,
        interval_seconds=1,
        host=Instance("host-1", "user_ann"),
        hook=hook,
    )
    agent = asyncio.create_task(run_agent(settings))
    try:
        async with asyncio.timeout(30):
            (violated,) = await until(got, 1)
            await world.client("root").delete(made.id)
            await world.check()
            await configure(world, 2)
            _, cleared = await until(got, 2)
    finally:
        agent.cancel()
        with suppress(asyncio.CancelledError):
            await agent
    assert (violated["type"], violated["action"]) == ("threshold.violated", "throttle")
    assert (violated["threshold_id"], violated["instance_id"], violated["node_id"]) == (made.id, "host-1", NODE)
    assert (cleared["type"], cleared["instance_id"], cleared["value"]) == ("threshold.cleared", "host-1", "")


async def test_nodes_are_told_anew_when_what_they_act_upon_changes_and_only_then(world: World) -> None:
    told: list[str] = []
    await world.check()
    world.thresholds.checker.acting.on_change = lambda: told.append("all nodes")
    await world.set("ann", user_id="user_ann")
    await world.check()
    assert told == [], "a notice is no node's business"
    made = await world.set(
        user_id=None, instance_id="vm-1", resource_type="gpu", threshold_value=1, units="devices", action="suspend"
    )
    await world.check()
    assert told == ["all nodes"]
    await world.client("root").delete(made.id)
    await world.check()
    assert told == ["all nodes"] * 2


REGISTERED = """
    INSERT INTO compute.nodes (id, operator_id, is_self_placing, registered_at, change)
    VALUES (%(id)s, 'org_fog', true, now(), 1) ON CONFLICT DO NOTHING
"""


async def test_a_node_that_places_itself_is_told_what_concerns_the_instances_that_are_seen_on_it(world: World) -> None:
    acting = world.thresholds.checker.acting
    configuring = Configuring(world.database, world.queue, acting.of_node)
    acting.on_change = configuring.all_changed
    observing = Observing(world.database, now_utc, configuring.instances_seen)
    async with world.database.connection() as connection:
        await connection.execute(REGISTERED, {"id": "node-itself"})
    suspends: dict[str, Any] = {"resource_type": "gpu", "threshold_value": 1, "units": "devices", "action": "suspend"}
    first = await world.set(user_id=None, instance_id="vm-seen", **suspends)
    await world.check()
    await configuring.publish_changed()
    assert await thresholds_told(world) == []
    await observing.observe([Seen("node-itself", "vm-seen", "user_ann", None)])
    await configuring.publish_changed()
    assert await thresholds_told(world) == [first.id]
    second = await world.set(user_id=None, instance_id="vm-seen", **{**suspends, "threshold_value": 2})
    await world.check()
    await configuring.publish_changed()
    assert await thresholds_told(world) == sorted([first.id, second.id])


async def thresholds_told(world: World) -> list[str]:
    """The thresholds that the node finds on the queue."""
    told = await world.queue.configuration_of("node-itself")
    assert told is not None
    assert told.placements == [], "whose its instances are, it knows itself"
    return [each.threshold_id for each in told.thresholds]
