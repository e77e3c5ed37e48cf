"""Which container runtimes an agent looks at: each by its name and the directory that it keeps its records in."""

from pathlib import Path
from typing import NamedTuple

ROOTS = {
    "docker": Path("/var/lib/docker"),
    "podman": Path("/var/lib/containers/storage"),
    "containerd": Path("/run/containerd"),
    "runc": Path("/run/runc"),
}
"""Those that are known, in the order in which a container is theirs: podman's may be in runc's directory too."""


class RuntimeTarget(NamedTuple):
    """A runtime by its name, one of `ROOTS`, and its directory."""

    name: str
    root: Path
