"""What an agent measures, from its settings: this machine, cgroups, containers and virtual machines."""

from pathlib import Path

from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.collectors.containers.targets import ROOTS, RuntimeTarget
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Instance
from fogbank.kernel.ids import is_id
from fogbank.runtime.settings import AgentSettings
from fogbank.runtime.settings_sources import SettingWrong

CHILDREN = "/*"
FOUND = "found"
TOGETHER = "+"


def refuse_what_nobody_owns(agent: AgentSettings, *, with_host: bool) -> None:
    """`SettingWrong` where this machine or cgroups are to be measured, and nobody is named whose they are.

    For agents of hosts that are no nodes: a node is told whose its instances are.
    """
    if (with_host or agent.cgroups) and not agent.user_id:
        raise SettingWrong(
            "agent.user_id is not set, so nobody would own the readings; set FOGBANK_AGENT_USER_ID, or register this "
            "host with `fogbank agent register`."
        )


def host_instance(instance_id: str, agent: AgentSettings) -> Instance:
    """The machine that this runs on, and whose it is as far as the settings say."""
    return Instance(instance_id, agent.user_id, agent.org_id or None)


def cgroup_targets(agent: AgentSettings) -> tuple[CgroupTarget, ...]:
    """The cgroups. Each is set as its path, as in /proc/PID/cgroup, and, after `=`, the instance's id.

    Without an id, the path's last name is taken. `/machines/*` is every cgroup below, each by its own name with the id
    before it.
    """
    return tuple(_target(text, agent) for text in agent.cgroups)


def runtime_targets(agent: AgentSettings) -> tuple[RuntimeTarget, ...]:
    """The container runtimes. Each is set as its name and, after `=`, its directory where that is not the usual one."""
    return tuple(_runtime(text) for text in agent.containers)


def qemu_targets(agent: AgentSettings) -> tuple[QemuTarget, ...]:
    """The monitors of QEMU guests: each a pattern of sockets and, after `=`, what is put before their names."""
    return tuple(_monitors(text) for text in agent.qemu)


def gpu_targets(agent: AgentSettings) -> GpuTargets | None:
    """The GPUs; None where none are to be measured. `found` is those that instances hold and all of the host's.

    `INSTANCE=GPU+GPU` assigns devices to an instance, by their indexes or UUIDs.
    """
    assigned = dict(_assignment(text) for text in agent.gpus if text != FOUND)
    return GpuTargets(assigned, finds=FOUND in agent.gpus) if agent.gpus else None


def _runtime(text: str) -> RuntimeTarget:
    name, _, root = text.partition("=")
    if name not in ROOTS or (root and not root.startswith("/")):
        raise SettingWrong(
            f"agent.containers holds '{text}', but a runtime is one of {', '.join(ROOTS)}, or one with its directory, "
            "such as docker=/data/docker."
        )
    return RuntimeTarget(name, Path(root) if root else ROOTS[name])


def _monitors(text: str) -> QemuTarget:
    pattern, _, prefix = text.partition("=")
    if not pattern.startswith("/") or not is_id(f"{prefix}any"):
        raise SettingWrong(
            f"agent.qemu holds '{text}', but monitors are a path from the root, such as /run/fogbank/qemu/*.qmp."
        )
    return QemuTarget(pattern, prefix)


def _assignment(text: str) -> tuple[str, str]:
    instance_id, _, devices = text.partition("=")
    if not is_id(instance_id) or not devices:
        raise SettingWrong(
            f"agent.gpus holds '{text}', but GPUs are '{FOUND}' or assigned, such as vm-1=0 or vm-2=GPU-UUID+GPU-UUID."
        )
    return instance_id, devices.replace(TOGETHER, ",")


def _target(text: str, agent: AgentSettings) -> CgroupTarget:
    path, _, instance_id = text.partition("=")
    if not path.startswith("/"):
        raise SettingWrong(
            f"agent.cgroups holds '{text}', but a cgroup is a path from the root, such as /machines/vm-1."
        )
    own_name = "" if path.endswith(CHILDREN) else path.rstrip("/").rpartition("/")[2]
    return CgroupTarget(path, instance_id or own_name, agent.user_id, agent.org_id or None)
