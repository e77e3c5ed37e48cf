"""Where a container writes: the upper layer of its root filesystem, from the text of /proc/PID/mountinfo. Pure."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from fogbank.compute.agent.collectors.containers.model import Facts
from fogbank.compute.agent.collectors.hierarchy import unescaped

OVERLAY = "overlay"
FUSE = "fuse"
UPPER = "upperdir="


class RootMount(NamedTuple):
    """The filesystem at `/` of a process: `directory` of `device`. `upper` is an overlay's writable layer, if any."""

    device: str
    directory: str
    is_read_only: bool
    kind: str
    upper: str


def root_mount_in(mountinfo: str) -> RootMount:
    """The last mount at `/`, which covers those before it; `ValueError` where there is none."""
    mounts = [mount for point, mount in _mounts(mountinfo) if point == "/"]
    if not mounts:
        raise ValueError("a process has no root filesystem")
    return mounts[-1]


def writable_layers(mount: RootMount, hosts: RootMount, facts: Facts) -> tuple[str, ...]:
    """The host's paths of what a container may write to in its root filesystem; `ValueError` where nobody can tell.

    A container that still stands in the `hosts` root has not entered its own yet.
    """
    if mount[:2] == hosts[:2]:
        raise ValueError("it has not entered its root filesystem yet")
    if mount.upper:
        return (str(PurePosixPath(facts.layers, mount.upper)),)
    if mount.is_read_only or mount.kind == OVERLAY:
        return ()
    if facts.root_directory is None or mount.kind.startswith(FUSE):
        raise ValueError(f"its root filesystem is a {mount.kind}, which does not tell what is the container's own")
    return (facts.root_directory,)


def _mounts(mountinfo: str) -> Iterator[tuple[str, RootMount]]:
    for line in mountinfo.splitlines():
        before, _, behind = line.partition(" - ")
        _, _, device, directory, point, options, *_ = before.split(" ")
        kind, _, of_filesystem = behind.split(" ", 2)
        uppers = (each.removeprefix(UPPER) for each in of_filesystem.split(",") if each.startswith(UPPER))
        is_read_only = "ro" in options.split(",")
        yield point, RootMount(device, directory, is_read_only, kind, unescaped(next(uppers, "")))
