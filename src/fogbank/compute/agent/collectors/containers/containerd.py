"""containerd: containers by the directories of its tasks, labels by the annotations of their specifications.

Kubernetes' containers are among them, in the namespace `k8s.io`. Docker's are not: they are in `moby`, and Docker knows
more about them.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fogbank.compute.agent.collectors.containers.model import Facts, Seen
from fogbank.compute.agent.collectors.containers.oci import cgroup_name_in, facts_in_bundle
from fogbank.compute.agent.collectors.containers.processes import cpu_cgroup_in, cut_behind
from fogbank.compute.agent.collectors.containers.states import StateDirectories
from fogbank.compute.agent.collectors.networks import PROC

DOCKERS_NAMESPACE = "moby"


class Containerd:
    """Reads under containerd's state directory."""

    name = "containerd"

    def __init__(self, cgroup_root: str, root: Path, proc: Path = PROC) -> None:
        self._tasks = str(root / "io.containerd.runtime.v2.task")
        self._states = StateDirectories(cgroup_root, self._path_of)
        self._proc = proc
        self._bundles: dict[str, Path] = {}

    def running(self) -> Iterable[Seen]:
        bundles: dict[str, Path] = {}
        for namespace in self._namespaces():
            for seen in self._states.running(f"{self._tasks}/{namespace}"):
                bundles[seen.path] = Path(self._tasks, namespace, seen.container_id)
                yield seen
        self._bundles = bundles

    def facts_of(self, seen: Seen) -> Facts:
        return facts_in_bundle(self._bundles[seen.path])

    def _namespaces(self) -> list[str]:
        with suppress(FileNotFoundError):
            return sorted(name for name in os.listdir(self._tasks) if name != DOCKERS_NAMESPACE)  # noqa: PTH208
        return []

    def _path_of(self, bundle: Path) -> str:
        process = (bundle / "init.pid").read_text()
        memberships = (self._proc / process / "cgroup").read_text()
        return cut_behind(cpu_cgroup_in(memberships), cgroup_name_in(bundle))
