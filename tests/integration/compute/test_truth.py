"""The agent's promises, for any history: clocks set, machines rebooted, instances started anew, collectors in the dark,
owners changed, disks full, agents restarted, in any order.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.metering import Metering
from fogbank.compute.agent.model import Counter, Instance, Owner, Reading, Tick
from fogbank.compute.agent.spool import Spool, SpoolFull
from fogbank.events.batch import unpack
from fogbank.events.usage_event import PERIOD_MAX_US, UsageEvent, instant_us, require_valid

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOON = 1_800_000_000 * SECOND
BYTES_MAX = 3_000
"""So little that what waits is coalesced soon."""


@dataclass
class Machine:
    """An instance, and what is true of it."""

    life: str
    is_alive: bool = True
    counted_us: int = 0
    used_us: int = 0
    alive_us: int = 0


@dataclass
class World:
    """Two racks of machines that a history happens to."""

    wall_us: int = NOON
    monotonic_us: int = HOUR
    boot: int = 0
    lives: int = 0
    racks: tuple[dict[str, Machine], dict[str, Machine]] = field(default_factory=lambda: ({}, {}))
    dark: set[int] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    owner: Owner | None = field(default_factory=lambda: Owner("user_1"))
    unknown_us: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """For how long an instance may be taken to have run, because it is first seen after a boot."""

    @property
    def tick(self) -> Tick:
        return Tick(self.wall_us, str(self.boot), self.monotonic_us)

    def machines(self) -> Iterator[tuple[str, Machine]]:
        for rack in self.racks:
            yield from rack.items()

    def new_life(self) -> str:
        self.lives += 1
        return f"{self.boot}/{self.lives}"

    def is_set(self, set_us: int) -> None:
        """The wall clock jumps."""
        self.wall_us += set_us

    def is_owned_by(self, user_id: str) -> None:
        self.owner = None if user_id == "nobody" else Owner(user_id)

    def passes(self, passed_us: int, grown_us: int) -> None:
        self.wall_us += passed_us
        self.monotonic_us += passed_us
        for _, machine in self.machines():
            if machine.is_alive:
                machine.alive_us += passed_us
                machine.counted_us += grown_us
                machine.used_us += grown_us

    def is_toggled(self, rack: int, name: str) -> None:
        """An instance ends, or it is started anew."""
        machine = self.racks[rack].setdefault(name, Machine("", is_alive=False))
        machine.is_alive = not machine.is_alive
        if machine.is_alive:
            machine.life, machine.counted_us = self.new_life(), 0

    def reboots(self) -> None:
        self.boot, self.monotonic_us = self.boot + 1, 0
        for _, machine in self.machines():
            machine.life, machine.counted_us = self.new_life(), 0


@dataclass
class Rack:
    """How a collector sees one of the racks."""

    world: World
    index: int

    def discover(self) -> Sequence[Instance]:
        if self.index in self.world.dark:
            raise CollectorFailed("the rack is dark")
        return [Instance(name) for name, machine in self.world.racks[self.index].items() if machine.is_alive]

    def sample(self, instance: Instance) -> Reading:
        if instance.id in self.world.unreadable:
            raise CollectorFailed(f"'{instance.id}' cannot be read")
        machine = self.world.racks[self.index][instance.id]
        return Reading({Counter.CPU_US: {machine.life: machine.counted_us}}, 1, 10**9, 10**10, 0)

    def close(self) -> None:
        pass


steps = st.lists(
    st.tuples(
        st.sampled_from([1, SECOND, 30 * SECOND, 30 * SECOND, 30 * SECOND, 90 * SECOND, HOUR // 2, HOUR, DAY]),
        st.sampled_from([0] * 8 + [90 * SECOND, -90 * SECOND, HOUR, -HOUR, DAY, -DAY]),
        st.integers(0, 10**7),
        st.sampled_from(
            ["tick"] * 8
            + ["restart", "restart", "reboot", "sleep", "drain", "full", "dark 0", "dark 1", "blind a", "blind b"]
            + ["toggle 0 a", "toggle 0 b", "toggle 1 c", "toggle 1 d", "owner user_1", "owner user_2", "owner nobody"]
        ),
    ),
    max_size=50,
)


class Run:
    """An agent in the world."""

    def __init__(self, world: World, spool: Spool) -> None:
        self.world, self.spool = world, spool
        self.sent: list[UsageEvent] = []
        self.begin()

    def begin(self) -> None:
        for name, _ in self.world.machines():
            self.world.unknown_us[name] += self.world.monotonic_us if self.world.boot else 0
        racks = [Rack(self.world, index) for index in range(2)]
        self.metering = Metering("node-1", racks, self.spool, lambda _: self.world.owner)
        with suppress(SpoolFull):
            self.metering.begin(self.world.tick)

    def does(self, passed_us: int, set_us: int, grown_us: int, what: str) -> None:
        world, (word, *said) = self.world, what.split()
        happens = {
            "toggle": lambda: world.is_toggled(int(said[0]), said[1]),
            "reboot": world.reboots,
            "sleep": lambda: world.is_set(600 * SECOND),
            "dark": lambda: world.dark.symmetric_difference_update({int(said[0])}),
            "blind": lambda: world.unreadable.symmetric_difference_update({said[0]}),
            "owner": lambda: world.is_owned_by(said[0]),
            "drain": self.drain,
        }
        world.is_set(set_us)
        happens.get(word, list)()
        world.passes(passed_us, grown_us)
        if word in ("restart", "reboot"):
            self.begin()
        self.spool.bytes_max = 0 if word == "full" else BYTES_MAX
        with suppress(SpoolFull):
            self.metering.tick(world.tick)

    def drain(self) -> None:
        while (batch := self.spool.to_send()) is not None:
            self.sent += [
                require_valid(line, NOON + 10**6 * DAY) for line in unpack(batch.batch.payload, batch.batch.headers)
            ]
            self.spool.delete(batch)


@contextmanager
def running(world: World, path: Path) -> Iterator[Run]:
    with Spool.open(path, "node-1", NOON, BYTES_MAX) as spool:
        yield Run(world, spool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(steps)
def test_no_history_overlaps_invents_or_doubles(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[int, int, int, str]]
) -> None:
    world = World()
    with running(world, tmp_path_factory.mktemp("truth") / "spool.db") as run:
        for step in history:
            run.does(*step)
        run.spool.bytes_max = BYTES_MAX
        run.drain()
    machines = dict(world.machines())
    by_instance: defaultdict[str, list[UsageEvent]] = defaultdict(list)
    for event in run.sent:
        by_instance[event.instance_id].append(event)
    for name, events in by_instance.items():
        spans = [(us_of(event.period.start), us_of(event.period.end)) for event in events]
        assert all(0 < end - start <= PERIOD_MAX_US for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert all(after.sequence in (1, (before.sequence or 0) + 1) for before, after in pairwise(events))
        assert events[0].sequence == 1
        assert sum(round(event.metrics.cpu_seconds * 1e6) for event in events) <= machines[name].used_us
        assert sum(end - start for start, end in spans) <= machines[name].alive_us + world.unknown_us[name]


def us_of(time: str | float) -> int:
    found = instant_us(time)
    assert found is not None
    return found
