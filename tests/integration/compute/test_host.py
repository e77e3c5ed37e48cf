"""This machine as an instance: what it reports is what it did."""

import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.disks import FILESYSTEMS, MOUNTED, on_devices, used_bytes_of_disks
from fogbank.compute.agent.collectors.host import HostCollector
from fogbank.compute.agent.collectors.host_load import linux_load
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


@pytest.mark.skipif(sys.platform != "linux", reason="psutil reads the same files on Linux only")
def test_proc_is_read_as_psutil_reads_it() -> None:
    before, load, after = psutil.cpu_times(), linux_load(), psutil.cpu_times()
    assert busy_us(before) <= load.cpu_busy_us <= busy_us(after)
    assert load.memory_capacity_bytes == psutil.virtual_memory().total
    mounted = {(device, mount) for device, mount, _ in on_devices(FILESYSTEMS.read_text(), MOUNTED.read_text())}
    assert mounted == {(each.device, each.mountpoint) for each in psutil.disk_partitions(all=False)}


def busy_us(times: Any) -> int:
    busy: int = round(1e6 * (times.user + times.nice + times.system + times.irq + times.softirq))
    return busy


def test_memory_that_is_not_said_or_no_cpu_time_is_no_load(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  100 0 0 7 0 0 0\ncpu0 1 0 0 0\n")
    (tmp_path / "meminfo").write_text("MemTotal:  8 kB\n")
    with pytest.raises(ValueError, match="MemAvailable"):
        linux_load(tmp_path)
    (tmp_path / "meminfo").write_text("MemTotal:  8 kB\nMemFree: 1 kB\nMemAvailable:    3 kB\n")
    assert linux_load(tmp_path)[1:] == (5 * 1024, 8 * 1024)
    (tmp_path / "stat").write_text("cpu  0 0 0 7 0 0 0\n")
    with pytest.raises(ValueError, match="no CPU time"):
        linux_load(tmp_path)


def test_disks_are_what_lies_on_a_device() -> None:
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/sdb1 /my\\040data xfs rw 0 0\npool/a /a zfs rw 0 0\n"
    )
    assert list(on_devices("nodev\tproc\n\text4\n\txfs\nnodev\tzfs\n", mounts)) == [
        ("/dev/sda1", "/", "ext4"),
        ("/dev/sdb1", "/my data", "xfs"),
        ("pool/a", "/a", "zfs"),
    ]


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
