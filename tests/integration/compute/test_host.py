"""This machine as an instance: what it reports is what it did."""

import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.disks import used_bytes_of_disks
from fogbank.compute.agent.collectors.host import HostCollector
from fogbank.compute.agent.collectors.interfaces import BilledInterfaces
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.compute.agent.rules import growth_of


def look(host: HostCollector) -> Reading:
    (instance,) = host.discover()
    return host.sample(instance)


@pytest.fixture
def host() -> Iterator[HostCollector]:
    host = HostCollector(Instance("host-1", "user_1"), boot_id())
    yield host
    host.close()


def test_work_done_is_cpu_counted(host: HostCollector) -> None:
    before, used_before = look(host), resource.getrusage(resource.RUSAGE_SELF)
    used_until = time.process_time() + 0.5
    while time.process_time() < used_until:
        sum(range(1000))
    after, used_after = look(host), resource.getrusage(resource.RUSAGE_SELF)
    growth, resets = growth_of(before.counts, after.counts)
    own_us = 1e6 * (used_after.ru_utime + used_after.ru_stime - used_before.ru_utime - used_before.ru_stime)
    # The kernel tells the host's time in steps of 10 ms, and other processes work as well.
    assert growth[Counter.CPU_US] >= own_us - 50_000
    assert resets == ()


def test_memory_and_disks_are_within_what_there_is(host: HostCollector) -> None:
    reading = look(host)
    assert 0 < reading.memory_bytes < reading.memory_capacity_bytes == psutil.virtual_memory().total
    assert (
        0
        < used_bytes_of_disks()
        <= sum(
            psutil.disk_usage(each.mountpoint).total for each in [*psutil.disk_partitions(all=True)] if each.mountpoint
        )
    )
    assert reading.cores == psutil.cpu_count()


@pytest.mark.skipif(sys.platform != "linux", reason="interfaces are told apart by /sys on Linux")
def test_loopback_is_nobodys_traffic() -> None:
    assert "lo" not in BilledInterfaces().among([index for index, _ in socket.if_nameindex()]).values()


@pytest.mark.skipif(sys.platform != "linux", reason="physical interfaces are told apart by /sys on Linux")
def test_physical_interfaces_are_billed_and_virtual_ones_are_not(tmp_path: Path) -> None:
    index, name = next((index, name) for index, name in socket.if_nameindex() if name != "lo")
    (tmp_path / name / "device").mkdir(parents=True)
    assert BilledInterfaces(tmp_path).among([each for each, _ in socket.if_nameindex()]) == {index: name}


@pytest.mark.skipif(sys.platform != "linux", reason="interfaces are told apart by /sys on Linux")
def test_an_interface_keeps_the_name_of_its_first_look(tmp_path: Path) -> None:
    index, name = next((index, name) for index, name in socket.if_nameindex() if name != "lo")
    (tmp_path / name / "device").mkdir(parents=True)
    interfaces = BilledInterfaces(tmp_path)
    assert interfaces.among([index]) == {index: name}
    (tmp_path / name / "device").rmdir()
    assert interfaces.among([index]) == {index: name}
    assert interfaces.among([]) == {}
