"""Bare QEMU guests are billed what the host spent on them; one that hangs costs its own interval and no other."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.compute.machines.conftest import MIB, StartGuest, read, total, until
from tests.tools import needs_tool

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.links import Links
from fogbank.compute.agent.collectors.machines.qemu import QemuCollector
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Counter

EXPERIMENT = 0x88B5
"""A type of frames for local experiments."""
FRAME = bytes.fromhex("ffffffffffff 02000000000a") + EXPERIMENT.to_bytes(2) + bytes(986)
"""1,000 bytes, to everybody."""


@pytest.fixture
def collector(directory: Path) -> Iterator[QemuCollector]:
    collector = QemuCollector([QemuTarget(f"{directory}/*.qmp")], "boot-1", Links())
    yield collector
    collector.close()


def cpu_us(collector: QemuCollector, identifier: str) -> int:
    return total(read(collector, identifier), Counter.CPU_US)


def test_cpu_is_what_the_host_spent_on_the_guest(start_guest: StartGuest, collector: QemuCollector) -> None:
    guest = start_guest("vm-1", "-smp", "2")
    until(lambda: cpu_us(collector, "vm-1") > 1_500_000)
    guest.command("stop")
    reading = read(collector, "vm-1")
    used_seconds = guest.end()
    error = total(reading, Counter.CPU_US) / 1e6 / used_seconds - 1
    print(f"CPU of a guest against rusage: {used_seconds:.3f} s, {error:+.3%}")  # noqa: T201 - a measurement, seen with -s
    assert abs(error) < 0.02
    assert reading.cores == 2


def test_memory_is_what_the_guest_is_given_and_what_it_never_said_is_missing(
    start_guest: StartGuest, collector: QemuCollector
) -> None:
    start_guest("vm-1", "-device", "virtio-balloon")
    read(collector, "vm-1")
    reading = read(collector, "vm-1")
    assert reading.memory_bytes == 64 * MIB
    assert reading.memory_capacity_bytes == 64 * MIB
    assert reading.memory_busy_bytes is not None
    assert 0 < reading.memory_busy_bytes <= 64 * MIB


def test_storage_is_what_the_guests_own_layer_occupies(
    start_guest: StartGuest, collector: QemuCollector, directory: Path
) -> None:
    qemu_img = needs_tool("qemu-img")
    template, own = directory / "template.qcow2", directory / "own.qcow2"
    subprocess.run([qemu_img, "create", "-q", "-f", "qcow2", "-o", "preallocation=full", template, "8M"], check=True)
    backing = ["-b", str(template), "-F", "qcow2"]
    subprocess.run([qemu_img, "create", "-q", "-f", "qcow2", *backing, own], check=True)
    start_guest("vm-1", "-drive", f"file={own},if=virtio", "-drive", f"file={template},if=virtio,readonly=on")
    allocated_bytes = sum((directory / name).stat().st_blocks * 512 for name in ("own.qcow2", "boot.img"))
    assert read(collector, "vm-1").storage_bytes == allocated_bytes < 8 * MIB


def test_a_guest_that_began_anew_is_another_generation(start_guest: StartGuest, collector: QemuCollector) -> None:
    guest = start_guest("vm-1")
    first = read(collector, "vm-1")
    guest.end()
    assert collector.discover() == []
    start_guest("vm-1")
    second = read(collector, "vm-1")
    assert first.counts[Counter.CPU_US].keys().isdisjoint(second.counts[Counter.CPU_US])


def test_a_guest_that_began_anew_between_two_looks_is_seen_for_what_it_is(
    start_guest: StartGuest, collector: QemuCollector
) -> None:
    guest = start_guest("vm-1")
    first = read(collector, "vm-1")
    guest.end()
    start_guest("vm-1")
    second = read(collector, "vm-1")
    assert first.counts[Counter.CPU_US].keys().isdisjoint(second.counts[Counter.CPU_US])


def test_a_guest_that_ends_between_discovery_and_look_has_no_reading(
    start_guest: StartGuest, collector: QemuCollector
) -> None:
    guest = start_guest("vm-1")
    (instance,) = collector.discover()
    guest.end()
    with pytest.raises(CollectorFailed, match="vm-1"):
        collector.sample(instance)


def test_a_guest_that_hangs_costs_its_own_interval_only(
    start_guest: StartGuest, collector: QemuCollector, directory: Path
) -> None:
    guest = start_guest("vm-1")
    before = read(collector, "vm-1")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{directory}/vm-2.qmp")
        silent.listen()
        assert [instance.id for instance in collector.discover()] == ["vm-1", "vm-2"]
        assert cpu_us(collector, "vm-1") > 0
        with pytest.raises(CollectorFailed, match="'vm-2' cannot be read: its monitor did not answer within 1 s"):
            read(collector, "vm-2")
    os.kill(guest.process.pid, signal.SIGSTOP)
    with pytest.raises(CollectorFailed, match="'vm-1' cannot be read"):
        read(collector, "vm-1")
    os.kill(guest.process.pid, signal.SIGCONT)
    after = read(collector, "vm-1")
    assert after.counts[Counter.CPU_US].keys() == before.counts[Counter.CPU_US].keys()
    assert total(after, Counter.CPU_US) > total(before, Counter.CPU_US)


class Side:
    """A socket that a hub inside QEMU joins with the guest's cable: what comes in there leaves as the guest's would."""

    def __init__(self) -> None:
        self._ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ours.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self._guests = free.getsockname()

    def joined_with(self, cable: str) -> tuple[str, ...]:
        """QEMU's options."""
        addresses = f"udp=127.0.0.1:{self._ours.getsockname()[1]},localaddr=127.0.0.1:{self._guests[1]}"
        hub = ("-netdev", "hubport,id=one,hubid=0,netdev=cable", "-netdev", "hubport,id=two,hubid=0,netdev=side")
        return "-netdev", f"tap,id=cable,{cable}", "-netdev", f"socket,id=side,{addresses}", *hub

    def send_and_receive(self, interface: str, *, ingress: int, egress: int) -> None:
        """So many frames to the guest from the host's `interface`, and so many from the guest."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as host:
            host.bind((interface, EXPERIMENT))
            for _ in range(ingress):
                host.send(FRAME)
                self._ours.recv(2000)
            for _ in range(egress):
                self._ours.sendto(FRAME, self._guests)
                host.recv(2000)

    def close(self) -> None:
        self._ours.close()


@pytest.fixture
def side() -> Iterator[Side]:
    side = Side()
    yield side
    side.close()


@pytest.mark.root
def test_traffic_is_what_passed_the_guests_tap(
    start_guest: StartGuest, collector: QemuCollector, tap: str, side: Side
) -> None:
    start_guest("vm-1", *side.joined_with(f"ifname={tap},script=no,downscript=no"))
    before = read(collector, "vm-1")
    side.send_and_receive(tap, ingress=7, egress=3)
    after = read(collector, "vm-1")
    assert total(after, Counter.INGRESS_BYTES) - total(before, Counter.INGRESS_BYTES) == 7 * len(FRAME)
    assert total(after, Counter.EGRESS_BYTES) - total(before, Counter.EGRESS_BYTES) == 3 * len(FRAME)


@pytest.mark.root
def test_traffic_is_what_passed_the_guests_macvtap(
    start_guest: StartGuest, collector: QemuCollector, macvtap: tuple[str, str], side: Side
) -> None:
    own, other_end = macvtap
    opened = os.open(f"/dev/tap{socket.if_nametoindex(own)}", os.O_RDWR)
    start_guest("vm-1", *side.joined_with(f"fd={opened}"), inherits=[opened])
    os.close(opened)
    before = read(collector, "vm-1")
    side.send_and_receive(other_end, ingress=7, egress=3)
    after = read(collector, "vm-1")
    assert total(after, Counter.INGRESS_BYTES) - total(before, Counter.INGRESS_BYTES) == 7 * len(FRAME)
    assert total(after, Counter.EGRESS_BYTES) - total(before, Counter.EGRESS_BYTES) == 3 * len(FRAME)
