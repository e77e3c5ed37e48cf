"""Which container a cgroup is, by the names that Docker and podman give, through systemd or without."""

import re
from typing import NamedTuple

NAMED = re.compile(r"(?:(docker|libpod)-)?([0-9a-f]{64})(?:\.scope)?", re.ASCII)
DOCKER = "docker"
PODMAN = "podman"
RUNTIMES = {"docker": DOCKER, "libpod": PODMAN}


class Named(NamedTuple):
    """`runtime` is None where the name is the id alone: then it is whose records have it."""

    runtime: str | None
    container_id: str


def container_named(cgroup: str) -> Named | None:
    """The container that a cgroup of this name is; None where it is none.

    `docker-ID.scope`, `libpod-ID.scope`, `libpod-ID` and `ID` are; `libpod-conmon-ID.scope`, which is podman's own
    helper, is not.
    """
    found = NAMED.fullmatch(cgroup)
    return Named(RUNTIMES.get(found[1]), found[2]) if found else None
