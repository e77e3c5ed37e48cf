"""GPU seconds are devices held × time elapsed; what cannot be told is no reading, and never a zero."""

from collections.abc import Sequence

import pytest
from tests.integration.compute.gpus.conftest import LOST, FakeNvml

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.gpus.holdings import AllOfHost, Assigned, Given, Held, Holdings, See
from fogbank.compute.agent.collectors.gpus.metered import WithGpus
from fogbank.compute.agent.collectors.gpus.nvml import Nvml
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.compute.agent.rules import growth_of

SECOND = 1_000_000


class Machines:
    """A collector of machines that use nothing but GPUs."""

    def __init__(self, *identifiers: str) -> None:
        self.present = list(identifiers)

    def discover(self) -> Sequence[Instance]:
        return [Instance(identifier) for identifier in self.present]

    def sample(self, instance: Instance) -> Reading:
        assert instance.id in self.present
        return Reading(
            counts={Counter.CPU_US: {"life": 5}}, cores=1, memory_bytes=1, memory_capacity_bytes=1, storage_bytes=0
        )

    def close(self) -> None:
        """Nothing is held open."""


class World:
    """Machines with GPUs, and a clock that the test sets."""

    def __init__(self, machines: Machines, *holdings: Holdings) -> None:
        self.now_seconds = 1000.0
        self.machines = machines
        self.collector = WithGpus(machines, holdings, Nvml(0.2), "boot-1", lambda: self.now_seconds)

    def look(self, identifier: str = "vm-1", *, after_seconds: float = 0.0) -> Reading:
        self.now_seconds += after_seconds
        found = {instance.id: instance for instance in self.collector.discover()}
        return self.collector.sample(found[identifier])


def grown(before: Reading, after: Reading) -> int:
    growth, resets = growth_of(before.counts, after.counts)
    assert not resets
    return growth[Counter.GPU_US]


def test_each_device_held_counts_the_time_that_passes(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=2)
    world = World(Machines("vm-1", "vm-2"), Assigned({"vm-1": "GPU-0,GPU-1", "vm-2": "1"}))
    before = world.look()
    after = world.look(after_seconds=30)
    assert grown(before, after) == 60 * SECOND
    assert after.counts[Counter.CPU_US] == {"life": 5}
    assert len(world.look("vm-2").counts[Counter.GPU_US]) == 1


def test_who_holds_none_counts_none_and_needs_no_driver(fake_nvml: FakeNvml) -> None:
    fake_nvml.fails(LOST)
    world = World(Machines("vm-1"), Assigned({"vm-2": "GPU-0"}))
    assert world.look().counts[Counter.GPU_US] == {}


def test_a_driver_that_fails_costs_a_reading_and_no_time(fake_nvml: FakeNvml) -> None:
    world = World(Machines("vm-1"), Assigned({"vm-1": "GPU-0"}))
    before = world.look()
    fake_nvml.fails(LOST)
    with pytest.raises(CollectorFailed, match="the GPUs of 'vm-1' cannot be told: NVIDIA's driver fails"):
        world.look(after_seconds=30)
    fake_nvml.fails(0)
    assert grown(before, world.look(after_seconds=30)) == 60 * SECOND


def test_a_driver_that_hangs_does_not_hang_the_agent(fake_nvml: FakeNvml) -> None:
    world = World(Machines("vm-1", "vm-2"), Assigned({"vm-1": "GPU-0"}))
    before = world.look()
    fake_nvml.hangs(is_hanging=True)
    with pytest.raises(CollectorFailed, match="does not answer"):
        world.look(after_seconds=30)
    assert world.look("vm-2").counts[Counter.GPU_US] == {}
    fake_nvml.hangs(is_hanging=False)
    after = None
    while after is None:
        try:
            after = world.look()
        except CollectorFailed:
            continue
    assert grown(before, after) == 30 * SECOND


def test_a_device_that_is_not_there_is_said_and_not_billed(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=1)
    world = World(Machines("vm-1"), Assigned({"vm-1": "GPU-0,GPU-7"}))
    with pytest.raises(CollectorFailed, match="there is no GPU 'GPU-7' here"):
        world.look()


def test_a_device_given_back_and_taken_again_is_not_billed_meanwhile(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=1)
    visible = {"vm-1": "all"}
    world = World(Machines("vm-1"), Given(lambda instance: visible[instance.id]))
    first = world.look()
    second = world.look(after_seconds=30)
    visible["vm-1"] = "void"
    without = world.look(after_seconds=30)
    visible["vm-1"] = "all"
    again = world.look(after_seconds=30)
    last = world.look(after_seconds=30)
    assert grown(first, second) == 30 * SECOND
    assert without.counts[Counter.GPU_US] == {}
    assert grown(without, again) == 0
    assert grown(again, last) == 30 * SECOND


def test_who_was_born_with_a_device_counts_from_its_birth(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=1)

    class BornAt:
        def held_by(self, instance: Instance, see: See) -> Held:
            return Held(frozenset({see()[0].uuid}), {"old": 900 * SECOND, "new": 1020 * SECOND}[instance.id])

    world = World(Machines("old"), BornAt())
    assert sum(world.look("old").counts[Counter.GPU_US].values()) == 0
    world.machines.present.append("new")
    assert sum(world.look("new", after_seconds=30).counts[Counter.GPU_US].values()) == 10 * SECOND
    assert sum(world.look("old").counts[Counter.GPU_US].values()) == 30 * SECOND


def test_a_parted_gpu_is_handed_out_in_its_parts(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=2, parts_of_the_last=3)
    world = World(Machines("a", "b"), Assigned({"a": "MIG-1-0,1:2", "b": "all"}))
    held = world.look("a").counts[Counter.GPU_US]
    assert [name.split("/")[1] for name in sorted(held)] == ["MIG-1-0", "MIG-1-2"]
    assert len(world.look("b").counts[Counter.GPU_US]) == 1 + 3


def test_the_host_holds_every_gpu_whole(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=2, parts_of_the_last=3)
    world = World(Machines("host"), AllOfHost())
    assert len(world.look("host").counts[Counter.GPU_US]) == 2


def test_how_busy_the_gpus_are_is_told(fake_nvml: FakeNvml) -> None:
    fake_nvml.has(gpus=2, busy_percent=87)
    nvml = Nvml()
    assert [gpu.busy_percent for gpu in nvml.look()] == [87, 87]
    nvml.close()
