"""What an agent measures, from its settings: this machine, and the cgroups that it is pointed at."""

from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.model import Instance
from fogbank.runtime.settings import AgentSettings
from fogbank.runtime.settings_sources import SettingWrong

CHILDREN = "/*"


def host_instance(instance_id: str, agent: AgentSettings) -> Instance:
    """The machine that this runs on; `SettingWrong` where nobody is named whose it is."""
    return Instance(instance_id, _owner(agent), agent.org_id or None)


def cgroup_targets(agent: AgentSettings) -> tuple[CgroupTarget, ...]:
    """The cgroups. Each is set as its path, as in /proc/PID/cgroup, and, after `=`, the instance's id.

    Without an id, the path's last name is taken. `/machines/*` is every cgroup below, each by its own name with the id
    before it.
    """
    return tuple(_target(text, agent) for text in agent.cgroups)


def _target(text: str, agent: AgentSettings) -> CgroupTarget:
    path, _, instance_id = text.partition("=")
    if not path.startswith("/"):
        raise SettingWrong(
            f"agent.cgroups holds '{text}', but a cgroup is a path from the root, such as /machines/vm-1."
        )
    own_name = "" if path.endswith(CHILDREN) else path.rstrip("/").rpartition("/")[2]
    return CgroupTarget(path, instance_id or own_name, _owner(agent), agent.org_id or None)


def _owner(agent: AgentSettings) -> str:
    if not agent.user_id:
        raise SettingWrong("agent.user_id is not set, so nobody would own the readings; set FOGBANK_AGENT_USER_ID.")
    return agent.user_id
