"""Where a controller's cgroups are: v1, v2, or the hybrid of both. Pure: it reads the text of /proc/mounts."""

from collections.abc import Iterator
from dataclasses import dataclass

V1_CPU = "cpuacct"
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted cgroup hierarchy: its directory, and whether it is version 2."""

    directory: str
    is_v2: bool


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """Which hierarchy accounts for CPU, and which for memory."""

    cpu: Mount
    memory: Mount


class NoCgroups(Exception):
    """No cgroup hierarchy that accounts for CPU and memory is mounted."""


def hierarchies_of(mounts: str) -> Hierarchies:
    """Find the hierarchies in the text of /proc/mounts; `NoCgroups` where there are none.

    A controller is in one hierarchy only: where a v1 one has it, the v2 one beside it does not.
    """
    v2 = ""
    v1: dict[str, str] = {}
    for directory, is_v2, options in _cgroup_mounts(mounts):
        if is_v2:
            v2 = v2 or directory
        else:
            v1 = {**dict.fromkeys(options, directory), **v1}
    return Hierarchies(cpu=_mount(v1.get(V1_CPU, ""), v2), memory=_mount(v1.get(MEMORY, ""), v2))


def _cgroup_mounts(mounts: str) -> Iterator[tuple[str, bool, list[str]]]:
    """Directory, whether it is version 2, and the mount options, in the order of the text."""
    for line in mounts.splitlines():
        _, directory, kind, options, *_ = line.split(" ")
        if kind in ("cgroup", "cgroup2"):
            yield unescaped(directory), kind == "cgroup2", options.split(",")


def _mount(v1: str, v2: str) -> Mount:
    if not v1 and not v2:
        raise NoCgroups("no cgroup hierarchy is mounted that accounts for CPU and memory")
    return Mount(v1, is_v2=False) if v1 else Mount(v2, is_v2=True)


def unescaped(field: str) -> str:
    """A path as /proc/mounts writes it: blanks, tabs, line breaks and backslashes are octal."""
    for octal, character in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        field = field.replace(octal, character)
    return field
