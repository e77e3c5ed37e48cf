"""Podman: containers by the names of their cgroups, the rest by the specification it keeps of each.

Labels are in its database, and annotations in the specification: either names an owner, and a label comes first.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fogbank.compute.agent.collectors.containers.model import Facts, Seen
from fogbank.compute.agent.collectors.containers.names import PODMAN
from fogbank.compute.agent.collectors.containers.oci import facts_in_bundle
from fogbank.compute.agent.collectors.containers.podman_store import labels_of
from fogbank.compute.agent.collectors.containers.tree import CgroupTree


class Podman:
    """Reads under podman's storage directory."""

    name = PODMAN

    def __init__(self, tree: CgroupTree, root: Path) -> None:
        self._tree = tree
        self._root = root

    def running(self) -> Iterable[Seen]:
        for named, place in self._tree.found:
            is_ours = named.runtime == PODMAN or (named.runtime is None and self._bundle(named.container_id).exists())
            if is_ours:
                yield Seen(named.container_id, *place)

    def facts_of(self, seen: Seen) -> Facts:
        facts = facts_in_bundle(self._bundle(seen.container_id))
        labels = labels_of(self._root / "db.sql", seen.container_id)
        return replace(facts, labels={**facts.labels, **labels})

    def _bundle(self, container_id: str) -> Path:
        return self._root / "overlay-containers" / container_id / "userdata"
