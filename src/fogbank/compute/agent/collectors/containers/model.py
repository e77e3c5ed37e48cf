"""What is known of a container: where it is seen, and what its runtime wrote down about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from msgspec import MsgspecError

INSTANCE_LABEL = "fogbank.instance"
USER_LABEL = "fogbank.user"
ORGANIZATION_LABEL = "fogbank.org"


class Seen(NamedTuple):
    """A container that runs: its id, and its cgroup by path and inode, which tell one life of it from the next.

    `problem` says why its cgroup cannot be told, where it cannot; `path` is then where its runtime keeps its state.
    """

    container_id: str
    path: str
    inode: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds for one life of a container.

    `volumes` are the host's paths that it may write to. `root_directory` is the host's path of its root filesystem,
    None where the runtime does not say. An overlay's upper layer that is given as a relative path is below `layers`.
    `gpus` are the names of the GPUs that it was given, with commas between.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    root_directory: str | None = None
    layers: str = ""
    gpus: str = ""


UNREADABLE = (OSError, ValueError, MsgspecError)
"""What reading a record may end in."""


class Runtime(Protocol):
    """A container runtime, by what it leaves on the disk."""

    @property
    def name(self) -> str: ...

    def running(self) -> Iterable[Seen]:
        """The containers that run now; `OSError` where that cannot be told."""
        ...

    def facts_of(self, seen: Seen) -> Facts:
        """What it wrote down about one; one of `UNREADABLE` where that cannot be read."""
        ...
