"""What was found out about each container, once in its life: which instance it is, whose, and where its data is."""

from collections.abc import Collection
from dataclasses import dataclass

from fogbank.compute.agent.collectors.containers.model import (
    INSTANCE_LABEL,
    ORGANIZATION_LABEL,
    UNREADABLE,
    USER_LABEL,
    Facts,
    Runtime,
    Seen,
)
from fogbank.compute.agent.collectors.containers.storage import Storage
from fogbank.compute.agent.collectors.members import processes_in
from fogbank.compute.agent.model import Instance
from fogbank.kernel.ids import is_id


@dataclass(frozen=True, slots=True)
class Known:
    """One container that runs. `missing` says what is not known of it, and is empty where all is."""

    seen: Seen
    instance: Instance
    paths: tuple[str, ...] = ()
    missing: str = ""
    gpus: str = ""


class KnownContainers:
    """Remembers by the life of the cgroup. What could not be read is asked for again at the next look."""

    def __init__(self, cgroup_root: str, storage: Storage) -> None:
        self._cgroup_root = cgroup_root
        self._storage = storage
        self._known: dict[str, Known] = {}

    def known(self, runtime: Runtime, seen: Seen) -> Known:
        """What is known about a container."""
        known = self._known.get(seen.path)
        if known is None or known.seen != seen or known.missing:
            known = self._known[seen.path] = self._found_out(runtime, seen)
        return known

    def keep_only(self, paths: Collection[str]) -> None:
        """Forget the containers whose cgroups are not among these."""
        for gone in self._known.keys() - paths:
            del self._known[gone]

    def _found_out(self, runtime: Runtime, seen: Seen) -> Known:
        if seen.problem:
            return Known(seen, Instance(seen.container_id, ""), missing=seen.problem)
        try:
            facts = runtime.facts_of(seen)
        except UNREADABLE as error:
            return Known(seen, Instance(seen.container_id, ""), missing=f"what {runtime.name} keeps of it: {error}")
        instance = instance_of(seen.container_id, facts)
        try:
            paths = self._storage.paths_of(facts, processes_in(self._cgroup_root + seen.path))
        except UNREADABLE as error:
            return Known(seen, instance, missing=f"its storage: {error}")
        return Known(seen, instance, paths, gpus=facts.gpus)


def instance_of(container_id: str, facts: Facts) -> Instance:
    """The instance that a container is, by its labels; without such a label, by its own id.

    A label whose value cannot be an id counts as none.
    """

    def labelled(label: str) -> str | None:
        value = facts.labels.get(label, "")
        return value if is_id(value) else None

    return Instance(labelled(INSTANCE_LABEL) or container_id, labelled(USER_LABEL) or "", labelled(ORGANIZATION_LABEL))
