"""Which cgroup a process belongs to, by the text of /proc/PID/cgroup. Pure."""

from fogbank.compute.agent.collectors.hierarchy import V1_CPU


def cpu_cgroup_in(memberships: str) -> str:
    """The path in the hierarchy that accounts for CPU: v1's where there is one, else v2's; `ValueError` without any."""
    v2 = None
    for line in memberships.splitlines():
        _, controllers, path = line.split(":", 2)
        if V1_CPU in controllers.split(","):
            return path
        if not controllers:
            v2 = path
    if v2 is None:
        raise ValueError("a process is in no cgroup that accounts for CPU")
    return v2


def cut_behind(path: str, name: str) -> str:
    """`path` up to the cgroup of this name: a process may have gone on into one below. `ProcessLookupError` without it.

    A process that is not in it is another one: the number of one that ended is given again.
    """
    before, found, _ = f"{path}/".partition(f"/{name}/")
    if not found:
        raise ProcessLookupError(f"no process of {name} lives any more")
    return f"{before}/{name}"
