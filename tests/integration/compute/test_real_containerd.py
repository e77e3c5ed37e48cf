"""A real containerd: its containers are found by its tasks, and named by their annotations."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.integration.compute.bundles import write_bundle
from tests.integration.compute.kernel import directories_of
from tests.tools import needs_tool

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.containers.runtimes import containers_of_this_machine
from fogbank.compute.agent.collectors.containers.targets import RuntimeTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.model import Counter, Instance

CONFIGURATION = """
version = 2
root = "{0}/root"
state = "{0}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{0}/socket"
"""
BOOTED = b"containerd successfully booted"
CGROUP = "/fogbank-test-containerd/one"
LABELS = {"fogbank.instance": "vm-1", "fogbank.user": "user_1"}

pytestmark = pytest.mark.root


@pytest.fixture
def containerd(tmp_path: Path) -> Iterator[Path]:
    """The directory of a containerd that runs."""
    directories = directories_of(CGROUP)
    needs_tool("ctr")
    (tmp_path / "config.toml").write_text(CONFIGURATION.format(tmp_path))
    command = [needs_tool("containerd"), "--config", str(tmp_path / "config.toml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as daemon:
        assert daemon.stderr is not None
        try:
            assert any(BOOTED in line for line in daemon.stderr)
            yield tmp_path
        finally:
            daemon.terminate()
            daemon.stderr.read()
    for directory in directories:
        with suppress(FileNotFoundError):
            directory.parent.rmdir()


def ctr(containerd: Path, *arguments: str, is_checked: bool = True) -> None:
    command = [needs_tool("ctr"), "--address", str(containerd / "socket"), *arguments]
    nothing = subprocess.DEVNULL
    subprocess.run(command, check=is_checked, stdin=nothing, stdout=nothing, stderr=nothing, timeout=30)


def test_a_task_is_the_instance_that_its_annotations_name_while_it_runs(containerd: Path) -> None:
    bundle = containerd / "bundle"
    write_bundle(bundle, LABELS, cgroup=CGROUP)
    collector = containers_of_this_machine(
        [RuntimeTarget("containerd", containerd / "state")], [], boot_id(), HeldFiles(1)
    )
    try:
        assert collector.discover() == []
        ctr(containerd, "run", "--detach", "--config", str(bundle / "config.json"), "one")
        (instance,) = collector.discover()
        assert instance == Instance("vm-1", "user_1")
        reading = collector.sample(instance)
        assert sum(reading.counts[Counter.CPU_US].values()) > 0
        assert reading.storage_bytes > 0
        ctr(containerd, "task", "delete", "--force", "one", is_checked=False)
        assert collector.discover() == []
    finally:
        ctr(containerd, "task", "delete", "--force", "one", is_checked=False)
        ctr(containerd, "container", "delete", "one", is_checked=False)
        collector.close()
