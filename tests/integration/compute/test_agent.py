"""The agent against a real queue: it reports this machine, under its own node's name, each batch once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio
from tests.readings import reading, wire_time

from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.model import Instance, Tick
from fogbank.compute.agent.moments import Moments
from fogbank.compute.agent.pace import Pace
from fogbank.compute.agent.running import AgentSettings, SettingRefused, run_agent
from fogbank.compute.agent.sending import Sender
from fogbank.compute.agent.spool import Spool
from fogbank.events.batch import unpack
from fogbank.events.reading import read_events
from fogbank.events.signing import SIGNATURE, is_signed_by, public_key_of
from fogbank.events.usage_event import UsageEvent, decode_event
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer

T = TypeVar("T")

SEED = bytes(range(32))
NOON = 1_800_000_000 * 1_000_000


@pytest_asyncio.fixture(scope="module")
async def queue(nats: NatsServer) -> AsyncIterator[QueueClient]:
    async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
        await queue.ensure_streams()
        yield queue


async def readings_of(queue: QueueClient, node: str, wanted: int, signed_by: str) -> list[UsageEvent]:
    """The readings that a node sends from now on, and its last ones before, each signed with that key."""
    readings: list[UsageEvent] = []
    async with asyncio.timeout(30):
        async for message in queue.follow_latest():
            if message.node_id == node:
                assert is_signed_by(message.payload, message.headers[SIGNATURE], signed_by)
                readings += read_events(message.payload, message.headers, microseconds_of(message.received_at)).valid
            if len(readings) >= wanted:
                break
    return readings


async def test_a_node_reports_its_machine_and_signs_what_it_says(
    nats: NatsServer, queue: QueueClient, tmp_path: Path
) -> None:
    settings = AgentSettings(
        node_id="node-host",
        spool_path=tmp_path / "agent" / "spool.db",
        queue_url=nats.url,
        queue_user=nats.user,
        queue_password=nats.password,
        interval_seconds=1,
        host=Instance("host-1", "user_1", "org_1"),
        key_seed=SEED,
    )
    agent = asyncio.create_task(run_agent(settings))
    first, second, *_ = await readings_of(queue, "node-host", 2, signed_by=public_key_of(SEED))
    agent.cancel()
    with suppress(asyncio.CancelledError):
        await agent
    assert (first.instance_id, first.user_id, first.org_id) == ("host-1", "user_1", "org_1")
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.period.end == second.period.start
    assert str(second.period.end).endswith("Z")
    assert first.metrics.memory_gb > 0


async def test_a_batch_that_was_sent_and_not_deleted_is_stored_once(queue: QueueClient, tmp_path: Path) -> None:
    """As after a crash between the queue's acknowledgement and the spool's deletion."""
    with Spool.open(tmp_path / "spool.db", "node-twice", microseconds_of(now_utc())) as spool:
        spool.commit_tick({}, [reading()])
        batch = spool.to_send()
        assert batch is not None
        first = await queue.publish(usage_subject("node-twice"), batch.batch)
    with Spool.open(tmp_path / "spool.db", "node-twice", microseconds_of(now_utc())) as spool:
        again = spool.to_send()
        assert again is not None
        assert await queue.publish(usage_subject("node-twice"), again.batch) == first


async def test_the_spool_is_drained_in_order_and_emptied(queue: QueueClient, tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", "node-drain", microseconds_of(now_utc())) as spool:
        for number in range(20):
            spool.commit_tick({}, [reading("vm-1", 30 * number, 30 * number + 30)])
        sender = Sender(spool, usage_subject("node-drain"), pace=Pace(1000, 1))
        sending = asyncio.create_task(sender.send_for_ever(queue))
        stored: list[UsageEvent] = []
        async with asyncio.timeout(30), queue.usage_consumer("drain-check") as consumer:
            while len(stored) < 20:
                messages = await consumer.fetch(100, 1.0)
                await consumer.ack(messages)
                for message in messages:
                    if message.node_id == "node-drain":
                        stored += map(decode_event, unpack(message.payload, message.headers))
            while spool.waiting():  # noqa: ASYNC110 - the last acknowledgement is on its way
                await asyncio.sleep(0.01)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
    assert [event.period.start for event in stored] == [wire_time(30 * number) for number in range(20)]
    assert [event.sequence for event in stored] == list(range(1, 21))


async def test_a_stop_at_the_moment_of_an_acknowledgement_is_a_stop(queue: QueueClient, tmp_path: Path) -> None:
    """`asyncio.wait_for` of Python 3.11 forgets such a stop, and the agent would never end."""
    received = queue.connection.stats
    with Spool.open(tmp_path / "spool.db", "node-stop", microseconds_of(now_utc())) as spool:
        for _ in range(20):
            spool.commit_tick({}, [reading()])
            before = received["in_msgs"]
            sending = asyncio.create_task(Sender(spool, usage_subject("node-stop")).send_for_ever(queue))
            while received["in_msgs"] == before:  # noqa: ASYNC110 - the very next turn of the loop counts
                await asyncio.sleep(0)
            sending.cancel()
            ended, _ = await asyncio.wait([sending], timeout=10)
            assert ended == {sending}


def always(value: T) -> Callable[[], T]:
    """A clock that stands still."""
    return lambda: value


def test_a_tick_is_the_same_however_late_it_is_looked_at() -> None:
    ticks: set[Tick] = set()
    for late_us in (0, 1, 29_999_999):
        now, seconds = instant_of(NOON + late_us), 500 + late_us / 1e6
        ticks.add(Moments(always(now), always(seconds), "boot-1").last_of_grid(30))
    assert len(ticks) == 1
    (tick,) = ticks
    assert (tick.end_us, tick.monotonic_us) == (NOON, 500_000_000)


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("node_id", "no id", "node_id 'no id'"),
        ("interval_seconds", 0, "interval_seconds is 0"),
        ("interval_seconds", 3601, "interval_seconds is 3601"),
        ("host", None, "nothing to meter"),
        ("host", Instance("host/1", "user_1"), "the host's instance id 'host/1'"),
        ("host", Instance("host-1", "no id"), "user_id 'no id'"),
        ("cgroups", (CgroupTarget("/a", "", "user_1"),), "the instance id of /a ''"),
        ("cgroups", (CgroupTarget("/a/*", "vm:", "user_1", "org 1"),), "org_id 'org 1'"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(
    setting: str, value: object, named: str, tmp_path: Path
) -> None:
    right = {"node_id": "node-1", "spool_path": tmp_path, "queue_url": "", "host": Instance("host-1", "user_1")}
    with pytest.raises(SettingRefused, match=named):
        AgentSettings(**{**right, setting: value})  # type: ignore[arg-type]


def test_cgroups_may_be_named_by_their_own_names_alone(tmp_path: Path) -> None:
    target = CgroupTarget("/machines/*", "", "user_1")
    assert AgentSettings("node-1", tmp_path, "", cgroups=(target,)).cgroups == (target,)
