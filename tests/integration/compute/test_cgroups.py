"""Cgroups of every version are read alike: same instances, same numbers, same generations."""

import shutil
from pathlib import Path
from typing import Protocol

import psutil
import pytest

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.allocated import allocated_under
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.model import Counter, Instance, Reading

MIB = 1024 * 1024
GIB = 1024 * MIB


class Machine(Protocol):
    def cgroup(
        self, path: str, *, cpu_us: int, memory: int = 0, inactive: int = 0, cores: int = 0, limit: int = 0
    ) -> None: ...
    def process(self, cgroup: str, process: str, *, namespace: int, egress: int, ingress: int) -> None: ...
    def directories(self, path: str) -> list[Path]: ...
    def collector(self, *targets: CgroupTarget) -> CgroupCollector: ...


ONE = CgroupTarget("/machines/vm-1", "vm-1", "user_1", "org_1")
ALL = CgroupTarget("/machines/*", "vm:", "user_1")


def only_reading(collector: CgroupCollector) -> Reading:
    (instance,) = collector.discover()
    return collector.sample(instance)


def test_cpu_working_set_and_limits_are_read(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=5_000_001, memory=900 * MIB, inactive=300 * MIB, cores=2, limit=GIB)
    reading = only_reading(machine.collector(ONE))
    assert list(reading.counts[Counter.CPU_US].values()) == [5_000_001]
    assert reading.memory_bytes == 600 * MIB
    assert reading.memory_capacity_bytes == GIB
    assert reading.cores == 2
    assert reading.storage_bytes == 0


def test_without_limits_the_host_is_the_limit(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1)
    reading = only_reading(machine.collector(ONE))
    assert reading.cores == psutil.cpu_count()
    assert reading.memory_capacity_bytes == psutil.virtual_memory().total


def test_a_look_shows_what_is_true_now(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=10)
    collector = machine.collector(ONE)
    first = only_reading(collector)
    machine.cgroup("/machines/vm-1", cpu_us=25)
    second = only_reading(collector)
    (generation,) = first.counts[Counter.CPU_US]
    assert second.counts[Counter.CPU_US] == {generation: 25}


def test_a_cgroup_made_anew_is_another_generation(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1000)
    collector = machine.collector(ONE)
    first = only_reading(collector)
    # Renamed away and not deleted, so that no filesystem gives its inode to the next one.
    for directory in machine.directories("/machines/vm-1"):
        directory.rename(directory.with_name("gone"))
    machine.cgroup("/machines/vm-1", cpu_us=3)
    second = only_reading(collector)
    assert first.counts[Counter.CPU_US].keys().isdisjoint(second.counts[Counter.CPU_US])
    assert list(second.counts[Counter.CPU_US].values()) == [3]


def test_every_cgroup_below_one_is_an_instance_while_it_exists(machine: Machine) -> None:
    collector = machine.collector(ALL)
    assert collector.discover() == []
    machine.cgroup("/machines/a", cpu_us=1)
    machine.cgroup("/machines/b", cpu_us=2)
    assert collector.discover() == [Instance("vm:a", "user_1"), Instance("vm:b", "user_1")]
    for directory in machine.directories("/machines/a"):
        shutil.rmtree(directory)
    assert collector.discover() == [Instance("vm:b", "user_1")]


def test_a_value_that_is_not_there_is_no_reading(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1)
    for directory in machine.directories("/machines/vm-1"):
        for stat in directory.glob("memory.stat"):
            stat.write_text("anon 5\n")
    with pytest.raises(CollectorFailed, match="inactive_file"):
        only_reading(machine.collector(ONE))


def test_traffic_is_that_of_the_instances_own_network(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1)
    machine.process("/machines/vm-1", "71", namespace=1, egress=1000, ingress=20)
    reading = only_reading(machine.collector(ONE))
    assert list(reading.counts[Counter.EGRESS_BYTES].values()) == [1000]
    assert list(reading.counts[Counter.INGRESS_BYTES].values()) == [20]


def test_traffic_is_found_in_a_cgroup_inside_the_instance(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1)
    machine.cgroup("/machines/vm-1/init", cpu_us=1)
    machine.process("/machines/vm-1/init", "71", namespace=1, egress=5, ingress=6)
    assert list(only_reading(machine.collector(ONE)).counts[Counter.EGRESS_BYTES].values()) == [5]


def test_the_hosts_network_is_not_the_instances(machine: Machine) -> None:
    machine.cgroup("/machines/vm-1", cpu_us=1)
    machine.process("/machines/vm-1", "71", namespace=0, egress=1000, ingress=20)
    assert not only_reading(machine.collector(ONE)).counts[Counter.EGRESS_BYTES]


def test_storage_is_what_files_occupy(machine: Machine, tmp_path: Path) -> None:
    volume = tmp_path / "volumes" / "a"
    volume.mkdir(parents=True)
    with (volume / "sparse.img").open("wb") as image:
        image.write(bytes(3 * MIB))
        image.truncate(GIB)
    machine.cgroup("/machines/a", cpu_us=1)
    target = CgroupTarget("/machines/*", "vm:", "user_1", storage_paths=(f"{tmp_path}/volumes/{{name}}",))
    reading = only_reading(machine.collector(target))
    assert 3 * MIB <= reading.storage_bytes < 4 * MIB


def test_a_file_with_two_names_is_stored_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(bytes(MIB))
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert MIB <= sum(allocated_under([str(tmp_path), str(tmp_path / "one")])) < 2 * MIB


def test_storage_that_is_not_there_is_no_reading(machine: Machine) -> None:
    machine.cgroup("/machines/a", cpu_us=1)
    target = CgroupTarget("/machines/*", "vm:", "user_1", storage_paths=("/nowhere/{name}",))
    with pytest.raises(CollectorFailed, match="/nowhere/a"):
        only_reading(machine.collector(target))
