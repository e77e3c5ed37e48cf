"""Real containers, started by runc and by containerd: found by what these leave on the disk, measured by the kernel."""

import json
import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.compute.bundles import overlay_at, write_bundle
from tests.integration.compute.kernel import directories_of, network_namespace
from tests.tools import needs_tool

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.containers.collector import ContainerCollector
from fogbank.compute.agent.collectors.containers.runtimes import containers_of_this_machine
from fogbank.compute.agent.collectors.containers.targets import RuntimeTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.compute.agent.rules import growth_of

MIB = 1 << 20
CGROUP = "/fogbank-test-containers/one"
LABELS = {"fogbank.instance": "vm-1", "fogbank.user": "user_1", "fogbank.org": "org_1"}
BURN = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"

pytestmark = pytest.mark.root


@dataclass(frozen=True)
class Runc:
    """runc with a state directory of its own, and one bundle."""

    state: Path
    bundle: Path

    def run(self, container_id: str) -> None:
        self._runc("run", "--detach", "--bundle", str(self.bundle), container_id)

    def execute(self, container_id: str, *command: str) -> None:
        self._runc("exec", container_id, *command)

    def kill(self, container_id: str) -> None:
        """End all that runs in it, and leave it to be deleted."""
        told = subprocess.run([*self._command, "state", container_id], check=True, capture_output=True)
        process = os.pidfd_open(json.loads(told.stdout)["pid"])
        try:
            self._runc("kill", container_id, "KILL")
            select.select([process], [], [])
        finally:
            os.close(process)

    def delete(self, container_id: str) -> None:
        self._runc("delete", "--force", container_id)

    @property
    def _command(self) -> list[str]:
        return [needs_tool("runc"), "--root", str(self.state)]

    def _runc(self, *arguments: str) -> None:
        nothing = subprocess.DEVNULL
        subprocess.run([*self._command, *arguments], check=True, stdin=nothing, stdout=nothing, stderr=nothing)


@pytest.fixture
def runc(tmp_path: Path) -> Iterator[Runc]:
    directories = directories_of(CGROUP)
    needs_tool("runc")
    runc = Runc(tmp_path / "state", tmp_path / "bundle")
    yield runc
    for container in runc.state.glob("*/state.json"):
        runc.delete(container.parent.name)
    for directory in directories:
        with suppress(FileNotFoundError):
            directory.parent.rmdir()


@pytest.fixture
def collector(runc: Runc, tmp_path: Path) -> Iterator[ContainerCollector]:
    targets = [RuntimeTarget("runc", runc.state)]
    collector = containers_of_this_machine(targets, [str(tmp_path / "volumes")], boot_id(), HeldFiles(1))
    yield collector
    collector.close()


def only_reading(collector: ContainerCollector) -> Reading:
    (instance,) = collector.discover()
    return collector.sample(instance)


def test_a_container_is_the_instance_that_its_labels_name(runc: Runc, collector: ContainerCollector) -> None:
    assert collector.discover() == []
    write_bundle(runc.bundle, LABELS, cgroup=CGROUP)
    runc.run("one")
    assert collector.discover() == [Instance("vm-1", "user_1", "org_1")]


def test_without_labels_it_is_known_by_its_id_and_nobodys(runc: Runc, collector: ContainerCollector) -> None:
    write_bundle(runc.bundle, {}, cgroup=CGROUP)
    runc.run("one")
    assert collector.discover() == [Instance("one", "")]


def test_what_runs_in_it_is_measured(runc: Runc, collector: ContainerCollector) -> None:
    write_bundle(runc.bundle, LABELS, cgroup=CGROUP)
    runc.run("one")
    before = only_reading(collector)
    runc.execute("one", "/bin/sh", "-c", BURN)
    after = only_reading(collector)
    growth, resets = growth_of(before.counts, after.counts)
    assert resets == ()
    assert growth[Counter.CPU_US] > 50_000
    assert after.memory_bytes > 0


def test_what_it_writes_to_its_layer_and_its_volumes_is_stored(
    runc: Runc, collector: ContainerCollector, tmp_path: Path
) -> None:
    volume, foreign = tmp_path / "volumes" / "data", tmp_path / "elsewhere"
    for each in (volume, foreign):
        each.mkdir(parents=True)
    write_bundle(runc.bundle, LABELS, cgroup=CGROUP, volumes={volume: "/data", foreign: "/foreign"})
    (runc.bundle / "rootfs" / "image").write_bytes(bytes(9 * MIB))
    with overlay_at(runc.bundle / "rootfs"):
        runc.run("one")
        before_bytes = only_reading(collector).storage_bytes
        for path, mebibytes in (("/own", 3), ("/data/kept", 2), ("/foreign/not-mine", 7)):
            runc.execute("one", "/bin/dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={mebibytes}", "conv=fsync")
        grown_bytes = only_reading(collector).storage_bytes - before_bytes
        runc.delete("one")
    assert before_bytes < MIB
    assert 5 * MIB <= grown_bytes < 6 * MIB


def test_its_traffic_is_its_own(runc: Runc, collector: ContainerCollector) -> None:
    with network_namespace(1) as namespace:
        write_bundle(runc.bundle, LABELS, cgroup=CGROUP, namespace=namespace)
        runc.run("one")
        before = only_reading(collector)
        sent_bytes = namespace.send_out(1000, 1000)
        after = only_reading(collector)
    growth, _ = growth_of(before.counts, after.counts)
    assert abs(growth[Counter.EGRESS_BYTES] / sent_bytes - 1) <= 0.005


def test_what_has_ended_is_no_instance(runc: Runc, collector: ContainerCollector) -> None:
    write_bundle(runc.bundle, LABELS, cgroup=CGROUP)
    runc.run("one")
    only_reading(collector)
    runc.kill("one")
    assert collector.discover() == []


def test_a_container_made_anew_under_its_name_is_another_life(runc: Runc, collector: ContainerCollector) -> None:
    write_bundle(runc.bundle, LABELS, cgroup=CGROUP)
    runc.run("one")
    runc.execute("one", "/bin/sh", "-c", BURN)
    first = only_reading(collector)
    runc.delete("one")
    write_bundle(runc.bundle, LABELS | {"fogbank.user": "user_2"}, cgroup=CGROUP)
    runc.run("one")
    (instance,) = collector.discover()
    second = collector.sample(instance)
    growth, resets = growth_of(first.counts, second.counts)
    assert instance.user_id == "user_2"
    assert resets == ()
    assert growth[Counter.CPU_US] == sum(second.counts[Counter.CPU_US].values())
