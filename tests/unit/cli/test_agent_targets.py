"""An agent is pointed at cgroups by their path, and where it is no node, it never measures for nobody."""

from pathlib import Path

import pytest

from fogbank.cli.agent_targets import (
    cgroup_targets,
    gpu_targets,
    host_instance,
    qemu_targets,
    refuse_what_nobody_owns,
    runtime_targets,
)
from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.collectors.containers.targets import RuntimeTarget
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Instance
from fogbank.runtime.settings import AgentSettings
from fogbank.runtime.settings_sources import SettingWrong


@pytest.mark.parametrize(
    ("text", "path", "instance_id"),
    [
        ("/machines/vm-1", "/machines/vm-1", "vm-1"),
        ("/machines/vm-1=instance_a", "/machines/vm-1", "instance_a"),
        ("/machines/*", "/machines/*", ""),
        ("/machines/*=vm_", "/machines/*", "vm_"),
    ],
)
def test_a_cgroup_is_its_path_and_perhaps_an_id(text: str, path: str, instance_id: str) -> None:
    agent = AgentSettings(cgroups=(text,), user_id="user_1", org_id="org_1")
    assert cgroup_targets(agent) == (CgroupTarget(path, instance_id, "user_1", "org_1"),)


def test_a_cgroup_that_is_no_path_from_the_root_is_named() -> None:
    with pytest.raises(SettingWrong, match=r"agent\.cgroups holds 'machines/vm-1'"):
        cgroup_targets(AgentSettings(cgroups=("machines/vm-1",), user_id="user_1"))


def test_readings_that_nobody_would_own_are_not_taken() -> None:
    for agent, with_host in ((AgentSettings(), True), (AgentSettings(cgroups=("/machines/*",)), False)):
        with pytest.raises(SettingWrong, match=r"agent\.user_id is not set"):
            refuse_what_nobody_owns(agent, with_host=with_host)
    refuse_what_nobody_owns(AgentSettings(user_id="user_1"), with_host=True)
    refuse_what_nobody_owns(AgentSettings(containers=("docker",)), with_host=False)


def test_the_host_is_whose_the_settings_say_or_as_it_is_placed() -> None:
    assert host_instance("host_1", AgentSettings(user_id="user_1")) == Instance("host_1", "user_1", None)
    assert host_instance("host_1", AgentSettings()) == Instance("host_1")


def test_a_runtime_is_its_name_and_perhaps_a_directory() -> None:
    assert runtime_targets(AgentSettings(containers=("runc", "docker=/data/docker"))) == (
        RuntimeTarget("runc", Path("/run/runc")),
        RuntimeTarget("docker", Path("/data/docker")),
    )


@pytest.mark.parametrize("text", ["lxc", "docker=data", "", "=/data/docker"])
def test_a_runtime_that_cannot_be_is_named(text: str) -> None:
    with pytest.raises(SettingWrong, match=r"agent\.containers holds"):
        runtime_targets(AgentSettings(containers=(text,)))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("/run/fogbank/qemu/*.qmp", QemuTarget("/run/fogbank/qemu/*.qmp")),
        ("/run/vms/*.sock=vm:", QemuTarget("/run/vms/*.sock", "vm:")),
    ],
)
def test_monitors_are_a_pattern_and_perhaps_a_prefix(text: str, target: QemuTarget) -> None:
    assert qemu_targets(AgentSettings(qemu=(text,))) == (target,)


@pytest.mark.parametrize("text", ["run/*.qmp", "/run/*.qmp=no id "])
def test_monitors_that_cannot_be_are_named(text: str) -> None:
    with pytest.raises(SettingWrong, match=r"agent\.qemu holds"):
        qemu_targets(AgentSettings(qemu=(text,)))


def test_gpus_are_found_or_assigned_or_not_measured() -> None:
    assert gpu_targets(AgentSettings()) is None
    assert gpu_targets(AgentSettings(gpus=("found",))) == GpuTargets({}, finds=True)
    assigned = gpu_targets(AgentSettings(gpus=("vm-1=0", "found", "vm-2=GPU-a+MIG-b")))
    assert assigned == GpuTargets({"vm-1": "0", "vm-2": "GPU-a,MIG-b"}, finds=True)


@pytest.mark.parametrize("text", ["all", "vm-1=", "=GPU-a", "no id=0"])
def test_gpus_that_belong_to_nobody_are_named(text: str) -> None:
    with pytest.raises(SettingWrong, match=r"agent\.gpus holds"):
        gpu_targets(AgentSettings(gpus=(text,)))
