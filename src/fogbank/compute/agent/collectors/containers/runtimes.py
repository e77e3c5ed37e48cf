"""Opening the container runtimes that an agent is told to look at."""

from collections.abc import Callable, Sequence

from fogbank.compute.agent.collectors.cgroups import lives_of_this_machine
from fogbank.compute.agent.collectors.containers.collector import ContainerCollector
from fogbank.compute.agent.collectors.containers.containerd import Containerd
from fogbank.compute.agent.collectors.containers.docker import Docker
from fogbank.compute.agent.collectors.containers.known import KnownContainers
from fogbank.compute.agent.collectors.containers.model import Runtime
from fogbank.compute.agent.collectors.containers.podman import Podman
from fogbank.compute.agent.collectors.containers.runc import Runc
from fogbank.compute.agent.collectors.containers.storage import Storage
from fogbank.compute.agent.collectors.containers.targets import ROOTS, RuntimeTarget
from fogbank.compute.agent.collectors.containers.tree import CgroupTree
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.trees import Trees


def containers_of_this_machine(
    targets: Sequence[RuntimeTarget], volume_roots: Sequence[str], boot_id: str, held: HeldFiles
) -> ContainerCollector:
    """A collector of all of them; `NoCgroups` where no hierarchy accounts for CPU and memory."""
    lives = lives_of_this_machine(boot_id, held)
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
