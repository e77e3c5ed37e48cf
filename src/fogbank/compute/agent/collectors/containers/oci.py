"""The specification that every OCI runtime is started with: `config.json` of the bundle."""

from pathlib import Path

import msgspec

from fogbank.compute.agent.collectors.containers.model import Facts
from fogbank.compute.agent.collectors.gpus.specification import GpuSpecification

BIND_OPTIONS = frozenset({"bind", "rbind"})
SYSTEMD_COLONS = 2
READ_ONLY_OPTIONS = frozenset({"ro", "rro"})


class _Root(msgspec.Struct):
    path: str = "rootfs"


class _Mount(msgspec.Struct):
    source: str = ""
    type: str = ""
    options: list[str] | None = None

    @property
    def is_writable_bind(self) -> bool:
        options = frozenset(self.options or ())
        is_bind = self.type == "bind" or not options.isdisjoint(BIND_OPTIONS)
        return is_bind and self.source.startswith("/") and options.isdisjoint(READ_ONLY_OPTIONS)


class _Linux(msgspec.Struct):
    cgroups_path: str = msgspec.field(default="", name="cgroupsPath")


class _Spec(msgspec.Struct):
    annotations: dict[str, str] | None = None
    root: _Root | None = None
    mounts: list[_Mount] | None = None
    linux: _Linux | None = None


def facts_in_bundle(bundle: Path) -> Facts:
    """Labels are its annotations. One of `UNREADABLE` where the specification cannot be read."""
    spec = _spec_in(bundle)
    return Facts(
        labels=spec.annotations or {},
        volumes=tuple(mount.source for mount in spec.mounts or () if mount.is_writable_bind),
        root_directory=None if spec.root is None else str(bundle / spec.root.path),
        layers=str(bundle),
        gpus=gpus_in_bundle(bundle),
    )


def gpus_in_bundle(bundle: Path) -> str:
    """The names of the GPUs that the container was given. One of `UNREADABLE` where that cannot be read."""
    return msgspec.json.decode((bundle / "config.json").read_bytes(), type=GpuSpecification).gpu_names()


def cgroup_name_in(bundle: Path) -> str:
    """The name of the container's cgroup: for cgroupfs a path's last part, for systemd of SLICE:PREFIX:NAME a scope."""
    spec = _spec_in(bundle)
    path = spec.linux.cgroups_path if spec.linux else ""
    if path.count(":") == SYSTEMD_COLONS:
        _, prefix, name = path.split(":")
        return f"{prefix}-{name}.scope" if prefix else f"{name}.scope"
    return path.rstrip("/").rpartition("/")[2] or bundle.name


def _spec_in(bundle: Path) -> _Spec:
    return msgspec.json.decode((bundle / "config.json").read_bytes(), type=_Spec)
