"""Docker: containers by the names of their cgroups, labels and volumes by the configuration it keeps of each."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from fogbank.compute.agent.collectors.containers.model import Facts, Seen
from fogbank.compute.agent.collectors.containers.names import DOCKER
from fogbank.compute.agent.collectors.containers.oci import gpus_in_bundle
from fogbank.compute.agent.collectors.containers.tree import CgroupTree

BUNDLES = tuple(
    Path(containerd, "io.containerd.runtime.v2.task/moby")
    for containerd in ("/run/containerd", "/run/docker/containerd/daemon")
)
"""Where the specifications of its containers are: with the system's containerd, or with one of its own."""


class _MountPoint(msgspec.Struct):
    source: str = msgspec.field(default="", name="Source")
    is_writable: bool = msgspec.field(default=False, name="RW")


class _Config(msgspec.Struct):
    labels: dict[str, str] | None = msgspec.field(default=None, name="Labels")


class _Container(msgspec.Struct):
    """`config.v2.json`, as far as it concerns us."""

    config: _Config = msgspec.field(name="Config")
    mount_points: dict[str, _MountPoint] | None = msgspec.field(default=None, name="MountPoints")


class Docker:
    """Reads under Docker's data directory. Its writable layers are overlays, which the processes' mounts tell."""

    name = DOCKER

    def __init__(self, tree: CgroupTree, root: Path, bundles: Sequence[Path] = BUNDLES) -> None:
        self._tree = tree
        self._root = root
        self._bundles = bundles

    def running(self) -> Iterable[Seen]:
        for named, place in self._tree.found:
            is_ours = named.runtime == DOCKER or (named.runtime is None and self._record(named.container_id).exists())
            if is_ours:
                yield Seen(named.container_id, *place)

    def facts_of(self, seen: Seen) -> Facts:
        kept = msgspec.json.decode(self._record(seen.container_id).read_bytes(), type=_Container)
        mounts = (kept.mount_points or {}).values()
        return Facts(
            labels=kept.config.labels or {},
            volumes=tuple(mount.source for mount in mounts if mount.is_writable and mount.source),
            layers=f"{self._root}/overlay2",
            gpus=self._gpus_of(seen.container_id),
        )

    def _gpus_of(self, container_id: str) -> str:
        """By the specification that Docker's containerd keeps of it while it runs."""
        for bundles in self._bundles:
            with suppress(FileNotFoundError):
                return gpus_in_bundle(bundles / container_id)
        return ""

    def _record(self, container_id: str) -> Path:
        return self._root / "containers" / container_id / "config.v2.json"
