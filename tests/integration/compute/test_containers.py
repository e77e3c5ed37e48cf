"""What Docker, podman and containerd leave on the disk, in the layouts of every version of cgroups, is read alike."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.containers.collector import ContainerCollector
from fogbank.compute.agent.collectors.containers.containerd import Containerd
from fogbank.compute.agent.collectors.containers.docker import Docker
from fogbank.compute.agent.collectors.containers.known import KnownContainers
from fogbank.compute.agent.collectors.containers.model import Runtime
from fogbank.compute.agent.collectors.containers.podman import Podman
from fogbank.compute.agent.collectors.containers.storage import Storage
from fogbank.compute.agent.collectors.containers.tree import CgroupTree
from fogbank.compute.agent.collectors.lives import CgroupLives
from fogbank.compute.agent.collectors.trees import Trees
from fogbank.compute.agent.model import Counter, Instance

MIB = 1 << 20
ONE, TWO = "1" * 64, "2" * 64
LABELS = {"fogbank.instance": "vm-1", "fogbank.user": "user_1", "fogbank.org": "org_1"}


class Machine(Protocol):
    root: Path

    @property
    def proc(self) -> Path: ...
    def cgroup(self, path: str, *, cpu_us: int, memory: int = 0, cores: int = 0) -> None: ...
    def process(self, cgroup: str, process: str, *, mounts: str) -> None: ...
    def directories(self, path: str) -> list[Path]: ...
    def lives(self) -> CgroupLives: ...


@dataclass(frozen=True)
class Host:
    """A machine with the records of container runtimes."""

    machine: Machine

    def collector(self) -> ContainerCollector:
        lives = self.machine.lives()
        tree = CgroupTree(lives.root)
        runtimes: list[Runtime] = [
            Docker(tree, self.root / "docker", bundles=()),
            Podman(tree, self.root / "podman"),
            Containerd(lives.root, self.root / "containerd", self.machine.proc),
        ]
        storage = Storage([f"{self.root}/volumes"], self.machine.proc)
        return ContainerCollector(runtimes, tree, lives, KnownContainers(lives.root, storage), Trees())

    @property
    def root(self) -> Path:
        return self.machine.root / "host"

    def runs(self, cgroup: str, process: str, *, cpu_us: int = 1, inside: str = "") -> Path:
        """Let a container run: its writable layer. `inside` is where in its cgroup its process is."""
        layer = self.root / "layers" / process
        layer.mkdir(parents=True)
        self.machine.cgroup(cgroup, cpu_us=cpu_us, memory=MIB, cores=1)
        if inside:
            self.machine.cgroup(cgroup + inside, cpu_us=cpu_us)
        mounts = f"67 44 0:{process} / / rw - overlay overlay rw,lowerdir=/lower,upperdir={layer},workdir=/work\n"
        self.machine.process(cgroup + inside, process, mounts=mounts)
        return layer

    def docker(self, container_id: str, labels: dict[str, str], **volumes: str) -> None:
        points = {inside: {"Source": source, "RW": True, "Type": "volume"} for inside, source in volumes.items()}
        kept = {"ID": container_id, "Config": {"Labels": labels or None, "Image": "x"}, "MountPoints": points}
        self._write(f"docker/containers/{container_id}/config.v2.json", kept)

    def podman(self, container_id: str, annotations: dict[str, str]) -> None:
        kept = {"ociVersion": "1.0.2", "root": {"path": "/merged"}, "annotations": annotations, "mounts": []}
        self._write(f"podman/overlay-containers/{container_id}/userdata/config.json", kept)

    def containerd(self, name: str, process: str, cgroups_path: str, annotations: dict[str, str]) -> None:
        kept = {"root": {"path": "rootfs"}, "annotations": annotations, "linux": {"cgroupsPath": cgroups_path}}
        bundle = f"containerd/io.containerd.runtime.v2.task/{name}"
        self._write(f"{bundle}/config.json", kept)
        (self.root / bundle / "init.pid").write_text(process)

    def _write(self, path: str, kept: dict[str, Any]) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(json.dumps(kept))


@pytest.fixture
def host(machine: Machine) -> Host:
    machine.cgroup("/system.slice/ssh.service", cpu_us=1)
    return Host(machine)


def test_a_host_without_containers_has_none(host: Host) -> None:
    assert host.collector().discover() == []


@pytest.mark.parametrize("cgroup", [f"/system.slice/docker-{ONE}.scope", f"/docker/{ONE}", f"/tenants/a/{ONE}"])
def test_dockers_containers_are_read(host: Host, cgroup: str) -> None:
    volume = host.root / "volumes" / "data"
    volume.mkdir(parents=True)
    (volume / "kept").write_bytes(bytes(2 * MIB))
    layer = host.runs(cgroup, "71", cpu_us=5_000_001)
    (layer / "written").write_bytes(bytes(MIB))
    host.docker(ONE, LABELS, data=str(volume), foreign="/")
    collector = host.collector()
    (instance,) = collector.discover()
    reading = collector.sample(instance)
    assert instance == Instance("vm-1", "user_1", "org_1")
    assert list(reading.counts[Counter.CPU_US].values()) == [5_000_001]
    assert reading.memory_bytes == MIB
    assert reading.cores == 1
    assert 3 * MIB <= reading.storage_bytes < 4 * MIB


@pytest.mark.parametrize("cgroup", [f"/machine.slice/libpod-{ONE}.scope", f"/libpod_parent/libpod-{ONE}"])
def test_podmans_containers_are_read(host: Host, cgroup: str) -> None:
    host.runs(cgroup, "71", inside="/container")
    host.machine.cgroup(f"/machine.slice/libpod-conmon-{ONE}.scope", cpu_us=9)
    host.podman(ONE, LABELS)
    collector = host.collector()
    (instance,) = collector.discover()
    assert instance == Instance("vm-1", "user_1", "org_1")
    assert collector.sample(instance).memory_bytes == MIB


def test_podmans_labels_come_before_its_annotations(host: Host) -> None:
    host.runs(f"/machine.slice/libpod-{ONE}.scope", "71")
    host.podman(ONE, LABELS)
    with closing(sqlite3.connect(host.root / "podman" / "db.sql")) as database:
        database.execute("CREATE TABLE ContainerConfig (ID TEXT PRIMARY KEY, Name TEXT, PodID TEXT, JSON TEXT)")
        kept = json.dumps({"id": ONE, "labels": {"fogbank.user": "user_2"}, "spec": {}})
        database.execute("INSERT INTO ContainerConfig VALUES (?, 'name', NULL, ?)", (ONE, kept))
        database.commit()
    assert host.collector().discover() == [Instance("vm-1", "user_2", "org_1")]


def test_a_database_of_podmans_that_cannot_be_read_is_said(host: Host) -> None:
    host.runs(f"/machine.slice/libpod-{ONE}.scope", "71")
    host.podman(ONE, LABELS)
    (host.root / "podman" / "db.sql").write_text("this is no database, and long enough to look like one" * 20)
    collector = host.collector()
    (instance,) = collector.discover()
    with pytest.raises(CollectorFailed, match=r"db\.sql cannot be read"):
        collector.sample(instance)


@pytest.mark.parametrize(
    ("cgroups_path", "cgroup", "inside"),
    [
        ("/default/one", "/default/one", ""),
        ("/default/one", "/default/one", "/init.scope"),
        ("kubepods.slice:cri-containerd:one", "/kubepods.slice/cri-containerd-one.scope", ""),
    ],
)
def test_containerds_tasks_are_read(host: Host, cgroups_path: str, cgroup: str, inside: str) -> None:
    host.runs(cgroup, "71", inside=inside)
    host.containerd("default/one", "71", cgroups_path, LABELS)
    collector = host.collector()
    (instance,) = collector.discover()
    assert instance == Instance("vm-1", "user_1", "org_1")
    assert collector.sample(instance).memory_bytes == MIB


def test_a_process_that_has_the_number_of_one_that_ended_is_nobodys_container(host: Host) -> None:
    host.runs("/system.slice/cron.service", "71")
    host.containerd("default/one", "71", "/default/one", LABELS)
    assert host.collector().discover() == []


def test_dockers_own_containerd_does_not_count_twice(host: Host) -> None:
    host.runs(f"/docker/{ONE}", "71")
    host.docker(ONE, LABELS)
    host.containerd(f"moby/{ONE}", "71", f"/docker/{ONE}", {})
    assert host.collector().discover() == [Instance("vm-1", "user_1", "org_1")]


def test_a_label_that_is_no_id_counts_as_none(host: Host) -> None:
    host.runs(f"/docker/{ONE}", "71")
    host.docker(ONE, {"fogbank.instance": "vm 1", "fogbank.user": ""})
    assert host.collector().discover() == [Instance(ONE, "")]


def test_one_that_cannot_be_read_costs_its_own_reading_only_and_comes_back(host: Host) -> None:
    host.runs(f"/system.slice/docker-{ONE}.scope", "71")
    host.runs(f"/system.slice/docker-{TWO}.scope", "72")
    host.docker(TWO, {"fogbank.instance": "vm-2"})
    collector = host.collector()
    one, two = collector.discover()
    with pytest.raises(CollectorFailed, match=f"{ONE}.*config.v2.json"):
        collector.sample(one)
    assert collector.sample(two).memory_bytes == MIB
    host.docker(ONE, LABELS)
    one, _ = collector.discover()
    assert one.id == "vm-1"
    assert collector.sample(one).memory_bytes == MIB


def test_containers_of_one_instance_are_measured_together(host: Host) -> None:
    for container_id, process, cpu_us in ((ONE, "71", 5), (TWO, "72", 7)):
        layer = host.runs(f"/docker/{container_id}", process, cpu_us=cpu_us)
        (layer / "written").write_bytes(bytes(MIB))
        host.docker(container_id, LABELS)
    collector = host.collector()
    (instance,) = collector.discover()
    reading = collector.sample(instance)
    assert sorted(reading.counts[Counter.CPU_US].values()) == [5, 7]
    assert reading.memory_bytes == 2 * MIB
    assert 2 * MIB <= reading.storage_bytes < 3 * MIB


def test_one_instance_of_two_owners_is_no_reading(host: Host) -> None:
    for container_id, process, user in ((ONE, "71", "user_1"), (TWO, "72", "user_2")):
        host.runs(f"/docker/{container_id}", process)
        host.docker(container_id, LABELS | {"fogbank.user": user})
    collector = host.collector()
    (instance,) = collector.discover()
    with pytest.raises(CollectorFailed, match="different owners"):
        collector.sample(instance)


def test_a_volume_that_two_have_is_stored_once(host: Host) -> None:
    volume = host.root / "volumes" / "shared"
    volume.mkdir(parents=True)
    (volume / "kept").write_bytes(bytes(2 * MIB))
    for container_id, process in ((ONE, "71"), (TWO, "72")):
        host.runs(f"/docker/{container_id}", process)
        host.docker(container_id, {}, data=str(volume))
    collector = host.collector()
    stored = sum(collector.sample(instance).storage_bytes for instance in collector.discover())
    assert 2 * MIB <= stored < 3 * MIB


def test_what_is_gone_is_no_instance_and_holds_nothing_open(host: Host) -> None:
    host.runs(f"/docker/{ONE}", "71")
    host.docker(ONE, LABELS)
    collector = host.collector()
    (instance,) = collector.discover()
    collector.sample(instance)
    for directory in host.machine.directories(f"/docker/{ONE}"):
        shutil.rmtree(directory)
    assert collector.discover() == []


def test_a_state_that_cannot_be_read_costs_its_own_container_only(host: Host) -> None:
    for name, process in (("one", "71"), ("two", "72")):
        host.runs(f"/default/{name}", process)
        host.containerd(f"default/{name}", process, f"/default/{name}", {})
    specification = host.root / "containerd/io.containerd.runtime.v2.task/default/one/config.json"
    whole = specification.read_text()
    specification.write_text(whole[:20])
    collector = host.collector()
    broken, sound = sorted(collector.discover(), key=lambda instance: instance.id)
    assert (broken.id, sound.id) == ("one", "two")
    with pytest.raises(CollectorFailed, match="the state that its runtime keeps of it"):
        collector.sample(broken)
    assert collector.sample(sound).memory_bytes == MIB
    specification.write_text(whole)
    assert all(collector.sample(instance).memory_bytes == MIB for instance in collector.discover())
