"""runc on its own: containers and all about them by the state it keeps of each."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from fogbank.compute.agent.collectors.containers.model import Facts, Seen
from fogbank.compute.agent.collectors.containers.oci import gpus_in_bundle
from fogbank.compute.agent.collectors.containers.states import StateDirectories

MS_RDONLY = 1
BUNDLE = "bundle"
"""The label that runc itself gives every container: where its specification is."""


class _Mount(msgspec.Struct):
    source: str = ""
    device: str = ""
    flags: int = 0

    @property
    def is_writable_bind(self) -> bool:
        return self.device == "bind" and self.source.startswith("/") and not self.flags & MS_RDONLY


class _Config(msgspec.Struct):
    rootfs: str
    readonlyfs: bool = False
    labels: list[str] | None = None
    """Annotations, each as KEY=VALUE."""
    mounts: list[_Mount] | None = None


class _State(msgspec.Struct):
    """`state.json`, as far as it concerns us."""

    config: _Config
    cgroup_paths: dict[str, str]
    """By controller, and the one of v2 by an empty name."""


class Runc:
    """Reads under runc's state directory. Containers of podman and others that use the same one are left to them."""

    name = "runc"

    def __init__(self, cgroup_root: str, root: Path) -> None:
        self._cgroup_root = cgroup_root
        self._root = root
        self._states = StateDirectories(cgroup_root, self._path_of)

    def running(self) -> Iterable[Seen]:
        return self._states.running(str(self._root))

    def facts_of(self, seen: Seen) -> Facts:
        config = _state_in(self._root / seen.container_id).config
        labels = dict(_parted(label) for label in config.labels or ())
        return Facts(
            labels=labels,
            volumes=tuple(mount.source for mount in config.mounts or () if mount.is_writable_bind),
            root_directory=None if config.readonlyfs else config.rootfs,
            layers=config.rootfs,
            gpus=_gpus_in(labels.get(BUNDLE)),
        )

    def _path_of(self, directory: Path) -> str:
        for path in _state_in(directory).cgroup_paths.values():
            if path.startswith(f"{self._cgroup_root}/"):
                return path.removeprefix(self._cgroup_root)
        raise ProcessLookupError(f"{directory.name} is in no cgroup that accounts for CPU")


def _state_in(directory: Path) -> _State:
    return msgspec.json.decode((directory / "state.json").read_bytes(), type=_State)


def _gpus_in(bundle: str | None) -> str:
    """None where the bundle is gone: runc does not need it any more once the container runs."""
    if bundle is not None:
        with suppress(FileNotFoundError):
            return gpus_in_bundle(Path(bundle))
    return ""


def _parted(label: str) -> tuple[str, str]:
    key, _, value = label.partition("=")
    return key, value
