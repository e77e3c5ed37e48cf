"""The agent without its broker, and both killed at random, while counters grow: every unit is reported exactly once.

Run as a program, this file is the agent that is killed.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.hierarchy import hierarchies_of
from fogbank.compute.agent.collectors.kernel_files import allow_many_files
from fogbank.compute.agent.collectors.lives import CgroupLives
from fogbank.compute.agent.collectors.networks import Networks
from fogbank.compute.agent.running import AgentSettings, run_agent
from fogbank.compute.agent.spool import SPOOL_BYTES_MAX
from fogbank.events.batch import unpack
from fogbank.events.usage_event import UsageEvent, instant_us, require_valid
from fogbank.kernel.periods import microseconds_of
from fogbank.kernel.quantities import metric_micros
from fogbank.queue.client import QueueClient
from fogbank.queue.subjects import USAGE_STREAM
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer, running_nats

KILLS = int(os.environ.get("FOGBANK_TEST_KILLS", "50"))
READINGS = 2_000 * KILLS
INSTANCES = tuple(f"vm-{index}" for index in range(2_500))
BEFORE_US = 10**12
"""What every instance had used before the agent came."""
CGROUP_FILES = {
    "cgroup.procs": "",
    "cpu.stat": "",
    "memory.current": "4096\n",
    "memory.stat": "inactive_file 0\n",
    "memory.max": "max\n",
}
SEED = 20230715
PATIENCE_SECONDS = 60
AGENT_SHARE = 0.6
TICK_SECONDS = 0.3
"""About how long the agent is busy from a whole second on."""
BUSY_AT_ONCE = 250
BYTES_MAX = 150_000
"""A spool of a few ticks."""


class Machines:
    """Cgroups of version 2 in a directory, whose CPU counters are turned while somebody reads them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.used_us = dict.fromkeys(INSTANCES, BEFORE_US)
        self._counters: dict[str, int] = {}
        allow_many_files()
        for instance in INSTANCES:
            directory = root / "machines" / instance
            directory.mkdir(parents=True)
            for name, text in CGROUP_FILES.items():
                (directory / name).write_text(text)
            self._counters[instance] = os.open(directory / "cpu.stat", os.O_WRONLY)
            self._show(instance)

    @property
    def used_since(self) -> dict[str, int]:
        return {instance: used_us - BEFORE_US for instance, used_us in self.used_us.items()}

    def use(self, used_us: int) -> None:
        """Let every instance use CPU."""
        for instance in INSTANCES:
            self.used_us[instance] += used_us
            self._show(instance)

    async def work(self, chance: random.Random) -> None:
        """Use CPU, for ever."""
        while True:
            for instance in chance.sample(INSTANCES, BUSY_AT_ONCE):
                self.used_us[instance] += chance.randrange(1, 50_000)
                self._show(instance)
            await asyncio.sleep(0.02)

    def _show(self, instance: str) -> None:
        # In one write of constant length, so that no reader sees half a number.
        os.pwrite(self._counters[instance], b"usage_usec %020d\n" % self.used_us[instance], 0)

    def close(self) -> None:
        for counter in self._counters.values():
            os.close(counter)


class Agent:
    """The agent as a process of its own."""

    def __init__(self, nats: NatsServer, machines: Machines, spool_bytes_max: int) -> None:
        self._arguments = (__file__, str(machines.root), nats.url, nats.user, nats.password, str(spool_bytes_max))
        self._log = machines.root / "agent.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._arguments, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        assert self._process is not None
        assert self._process.returncode is None, self._log.read_text()
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def says(self, event: str, times: int = 1) -> None:
        """Wait until its log has `event` in it so many times."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._log.read_text().count(event) < times:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.02)


@asynccontextmanager
async def metering(
    nats: NatsServer, machines: Machines, spool_bytes_max: int = SPOOL_BYTES_MAX
) -> AsyncIterator[Agent]:
    """A running agent that meters the machines."""
    agent = Agent(nats, machines, spool_bytes_max)
    await agent.start()
    try:
        yield agent
    finally:
        await agent.kill()


async def readings_until(
    queue: QueueClient, expected_us: dict[str, int], before: Sequence[UsageEvent] = ()
) -> list[UsageEvent]:
    """Every reading after those `before`, as soon as the CPU of all adds up to what is expected; else time runs out."""
    readings: list[UsageEvent] = []
    reported_us: Tally[str] = Tally(dict.fromkeys(INSTANCES, 0))
    for reading in before:
        reported_us[reading.instance_id] += metric_micros(reading.metrics.cpu_seconds)
    async with queue.usage_consumer("check") as consumer, asyncio.timeout(PATIENCE_SECONDS):
        while reported_us != expected_us:
            messages = await consumer.fetch(100, 1.0)
            for message in messages:
                received_us = microseconds_of(message.received_at)
                for raw in unpack(message.payload, message.headers):
                    reading = require_valid(raw, received_us)
                    readings.append(reading)
                    reported_us[reading.instance_id] += metric_micros(reading.metrics.cpu_seconds)
            await consumer.ack(messages)
    return readings


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    machines = Machines(tmp_path / "cgroups")
    yield machines
    machines.close()


async def test_nothing_is_lost_or_doubled_when_agent_and_broker_are_killed_at_random(
    machines: Machines, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    async with running_nats(tmp_path / "queue") as nats:
        async with opened(nats) as queue:
            await queue.ensure_streams()
        async with metering(nats, machines) as agent:
            async with opened(nats) as queue:
                await first_reading(queue)
            work = asyncio.create_task(machines.work(chance))
            await kill_at_random(chance, agent, nats)
            async with opened(nats) as queue:
                await enough_ticks(queue)
                work.cancel()
                readings = await readings_until(queue, machines.used_since)
    assert len(readings) >= READINGS
    check_once_each(readings)


async def test_a_spool_that_fills_up_without_its_broker_delivers_the_same_in_fewer_readings(
    machines: Machines, tmp_path: Path
) -> None:
    async with running_nats(tmp_path / "queue") as nats:
        async with opened(nats) as queue:
            await queue.ensure_streams()
        async with metering(nats, machines, BYTES_MAX) as agent:
            async with opened(nats) as queue:
                await first_reading(queue)
            await nats.stop()
            work = asyncio.create_task(machines.work(random.Random(SEED)))
            await agent.says("spool_full")
            await agent.kill()
            await agent.start()
            await agent.says("spool_full", times=2)
            work.cancel()
            await nats.start()
            async with opened(nats) as queue:
                readings = await readings_until(queue, machines.used_since)
    lengths = {instant_us(reading.period.end) - instant_us(reading.period.start) for reading in readings}  # type: ignore[operator]
    assert max(lengths) > 1_500_000
    check_once_each(readings)


async def test_an_agent_without_its_broker_says_so_and_delivers_everything_later(
    machines: Machines, tmp_path: Path
) -> None:
    async with running_nats(tmp_path / "queue") as nats:
        async with opened(nats) as queue:
            await queue.ensure_streams()
        await nats.stop()
        async with metering(nats, machines) as agent:
            await agent.says("queue_down")
            machines.use(5_000_000)
            await nats.start()
            await agent.says("queue_back")
            async with opened(nats) as queue:
                readings = await readings_until(queue, machines.used_since)
            await nats.stop()
            await agent.says("queue_down", times=2)
            machines.use(7_000_000)
            await nats.start()
            await agent.says("queue_back", times=2)
            async with opened(nats) as queue:
                readings += await readings_until(queue, machines.used_since, readings)
    check_once_each(readings)


def check_once_each(readings: list[UsageEvent]) -> None:
    """No reading twice, none missing, and no moment between them."""
    identities = Tally((reading.instance_id, reading.period.start) for reading in readings)
    assert [identity for identity, times in identities.items() if times > 1] == []
    by_instance: defaultdict[str, list[UsageEvent]] = defaultdict(list)
    for reading in readings:
        by_instance[reading.instance_id].append(reading)
    assert by_instance.keys() == set(INSTANCES)
    for history in by_instance.values():
        assert [reading.sequence for reading in history] == list(range(1, len(history) + 1))
        assert all(before.period.end == after.period.start for before, after in pairwise(history))


def opened(nats: NatsServer) -> AbstractAsyncContextManager[QueueClient]:
    return QueueClient.open(nats.url, user=nats.user, password=nats.password)


async def first_reading(queue: QueueClient) -> None:
    async for _ in queue.follow_latest():
        return


async def enough_ticks(queue: QueueClient) -> None:
    """Wait until the queue has the readings that are wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        jetstream, ticks = queue.connection.jetstream(), READINGS // len(INSTANCES)
        while (await jetstream.stream_info(USAGE_STREAM)).state.messages < ticks:  # noqa: ASYNC110 - others fill it
            await asyncio.sleep(0.1)


async def kill_at_random(chance: random.Random, agent: Agent, nats: NatsServer) -> None:
    """Kill one or the other, most of the time in the midst of a tick: while it is read, written, sent and deleted."""
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0, 0.6))
        await asyncio.sleep(1 - now_utc().microsecond / 1e6 + chance.uniform(0, TICK_SECONDS))
        if chance.random() < AGENT_SHARE:
            await agent.kill()
            await agent.start()
        else:
            assert nats.process is not None
            nats.process.kill()
            await nats.process.wait()
            await asyncio.sleep(chance.uniform(0, 0.6))
            await nats.start()


def main(root: str, url: str, user: str, password: str, spool_bytes_max: str) -> None:
    """Meter the machines in `root`, every second."""
    settings = AgentSettings(
        node_id="node-1",
        spool_path=Path(root) / "spool.db",
        queue_url=url,
        queue_user=user,
        queue_password=password,
        interval_seconds=1,
        spool_bytes_max=int(spool_bytes_max),
        batches_per_second=100,
        cgroups=(CgroupTarget("/machines/*", "", "user_1", "org_1"),),
    )
    hierarchies = hierarchies_of(f"cgroup2 {root} cgroup2 rw 0 0\n")
    networks = Networks(boot_id(), host_side=None)
    collector = CgroupCollector(
        settings.cgroups, CgroupLives(boot_id(), hierarchies, networks, HeldFiles.of_this_process())
    )
    asyncio.run(run_agent(settings, collectors=[collector]))


if __name__ == "__main__":
    main(*sys.argv[1:])
