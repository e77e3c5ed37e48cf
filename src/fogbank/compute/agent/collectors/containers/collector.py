"""Containers as instances: found through their runtimes, measured through their cgroups."""

from collections.abc import Sequence

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.containers.known import Known, KnownContainers
from fogbank.compute.agent.collectors.containers.model import Runtime, Seen
from fogbank.compute.agent.collectors.containers.tree import CgroupTree
from fogbank.compute.agent.collectors.lives import CgroupLives, Used
from fogbank.compute.agent.collectors.trees import Trees
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.kernel.ids import is_id


class ContainerCollector:
    """Measures the containers of some runtimes. One that two of them know is the first one's.

    Several containers may bear the label of one instance: they are measured together. A tree that several have, such as
    a volume, is counted once, for the first of them.
    """

    def __init__(
        self,
        runtimes: Sequence[Runtime],
        cgroups: CgroupTree,
        lives: CgroupLives,
        known: KnownContainers,
        trees: Trees,
    ) -> None:
        self._runtimes = runtimes
        self._cgroups = cgroups
        self._lives = lives
        self._known = known
        self._trees = trees
        self._containers: dict[str, list[Known]] = {}
        self._paths: dict[str, tuple[str, ...]] = {}

    def discover(self) -> Sequence[Instance]:
        try:
            seen = self._lives.held.with_room_for(self._seen)
            self._lives.look(seen.keys())
        except OSError as error:
            raise CollectorFailed(f"the containers of this host cannot be listed: {error}") from error
        self._known.keep_only(seen.keys())
        self._containers = {}
        for container, runtime in seen.values():
            known = self._known.known(runtime, container)
            # An id that no reading may bear is nobody's instance.
            if is_id(known.instance.id):
                self._containers.setdefault(known.instance.id, []).append(known)
        self._paths = _each_once(self._containers)
        self._trees.look(self._paths.values())
        return [containers[0].instance for containers in self._containers.values()]

    def sample(self, instance: Instance) -> Reading:
        containers = self._containers[instance.id]
        try:
            _require_all_known(containers)
            used = [self._lives.read(each.seen.path, each.seen.inode, instance.id) for each in containers]
            storage_bytes = self._trees.allocated_bytes(self._paths[instance.id])
        except (OSError, ValueError) as error:
            raise CollectorFailed(f"'{instance.id}' at {_places(containers)} cannot be read: {error}") from error
        return self._together(used, storage_bytes)

    def gpus_of(self, instance: Instance) -> str:
        """The names of the GPUs that the containers of one of the discovered instances were given."""
        return ",".join(each.gpus for each in self._containers[instance.id] if each.gpus)

    def close(self) -> None:
        self._lives.close()

    def _together(self, used: Sequence[Used], storage_bytes: int) -> Reading:
        """The sum of what an instance's containers used. They may not use more than the host has."""
        return Reading(
            counts={counter: _merged(used, counter) for counter in used[0].counts},
            cores=min(sum(each.cores for each in used), self._lives.host_cores),
            memory_bytes=sum(each.memory_bytes for each in used),
            memory_capacity_bytes=min(sum(each.memory_capacity_bytes for each in used), self._lives.host_memory_bytes),
            storage_bytes=storage_bytes,
        )

    def _seen(self) -> dict[str, tuple[Seen, Runtime]]:
        """By the path of the cgroup, in one order at every look."""
        self._cgroups.look()
        found: dict[str, tuple[Seen, Runtime]] = {}
        for runtime in self._runtimes:
            for seen in runtime.running():
                found.setdefault(seen.path, (seen, runtime))
        return dict(sorted(found.items()))


def _each_once(containers: dict[str, list[Known]]) -> dict[str, tuple[str, ...]]:
    """By instance, the trees that are counted as its own."""
    taken: set[str] = set()
    paths: dict[str, tuple[str, ...]] = {}
    for identifier, known in containers.items():
        own = dict.fromkeys(path for each in known for path in each.paths if path not in taken)
        taken.update(own)
        paths[identifier] = tuple(own)
    return paths


def _require_all_known(containers: Sequence[Known]) -> None:
    for each in containers:
        if each.missing:
            raise ValueError(each.missing)
        if each.instance != containers[0].instance:
            raise ValueError("its containers bear labels of different owners")


def _places(containers: Sequence[Known]) -> str:
    return " and ".join(each.seen.path for each in containers)


def _merged(used: Sequence[Used], counter: Counter) -> dict[str, int]:
    """A generation that several see, such as the interface of a network they share, is in it once."""
    return {generation: value for each in used for generation, value in each.counts[counter].items()}
