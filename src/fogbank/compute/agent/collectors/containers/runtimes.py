"""The runtimes that an agent is told to look at, each by its name and, where it is not the usual one, its directory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fogbank.compute.agent.collectors.cgroups import lives_of_this_machine
from fogbank.compute.agent.collectors.containers.collector import ContainerCollector
from fogbank.compute.agent.collectors.containers.containerd import CONTAINERD_ROOT, Containerd
from fogbank.compute.agent.collectors.containers.docker import DOCKER_ROOT, Docker
from fogbank.compute.agent.collectors.containers.known import KnownContainers
from fogbank.compute.agent.collectors.containers.model import Runtime
from fogbank.compute.agent.collectors.containers.podman import PODMAN_ROOT, Podman
from fogbank.compute.agent.collectors.containers.runc import RUNC_ROOT, Runc
from fogbank.compute.agent.collectors.containers.storage import Storage
from fogbank.compute.agent.collectors.containers.tree import CgroupTree
from fogbank.compute.agent.collectors.trees import Trees

ROOTS = {"docker": DOCKER_ROOT, "podman": PODMAN_ROOT, "containerd": CONTAINERD_ROOT, "runc": RUNC_ROOT}
"""Those that are known, in the order in which a container is theirs: podman's are in runc's directory too."""


@dataclass(frozen=True, slots=True)
class RuntimeTarget:
    """A runtime by its name, one of `ROOTS`, and the directory that it keeps its records in."""

    name: str
    root: Path

    @classmethod
    def named(cls, name: str, root: str = "") -> "RuntimeTarget":
        """With the usual directory where none is given; `KeyError` for a runtime that is not known."""
        return cls(name, Path(root) if root else ROOTS[name])


def containers_of_this_machine(
    targets: Sequence[RuntimeTarget], volume_roots: Sequence[str], boot_id: str
) -> ContainerCollector:
    """A collector of all of them; `NoCgroups` where no hierarchy accounts for CPU and memory."""
    lives = lives_of_this_machine(boot_id)
    tree = CgroupTree(lives.root)
    runtimes = [_runtime(target, tree, lives.root) for target in sorted(targets, key=_rank)]
    return ContainerCollector(runtimes, tree, lives, KnownContainers(lives.root, Storage(volume_roots)), Trees())


def _runtime(target: RuntimeTarget, tree: CgroupTree, cgroup_root: str) -> Runtime:
    makers: dict[str, Callable[[], Runtime]] = {
        "docker": lambda: Docker(tree, target.root),
        "podman": lambda: Podman(tree, target.root),
        "containerd": lambda: Containerd(cgroup_root, target.root),
        "runc": lambda: Runc(cgroup_root, target.root),
    }
    return makers[target.name]()


def _rank(target: RuntimeTarget) -> int:
    return list(ROOTS).index(target.name)
