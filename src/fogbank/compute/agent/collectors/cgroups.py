"""Every cgroup that the agent is pointed at, as instances: one by its path, or all directly below one."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.hierarchy import hierarchies_of
from fogbank.compute.agent.collectors.host_side import HostSide
from fogbank.compute.agent.collectors.lives import CgroupLives
from fogbank.compute.agent.collectors.networks import Networks
from fogbank.compute.agent.collectors.trees import Trees
from fogbank.compute.agent.model import Instance, Reading
from fogbank.kernel.ids import is_id

MOUNTS = Path("/proc/mounts")
EACH = "/*"


@dataclass(frozen=True, slots=True)
class CgroupTarget:
    """Which cgroups to meter, and whose they are.

    `path` is as in /proc/PID/cgroup, such as `/machines/vm-1`; with `/*` at its end it means every cgroup directly
    below, and `instance_id` is then put before the name of each. `storage_paths` are the files or trees that hold the
    data of the instance; `{name}` in them stands for the cgroup's name.
    """

    path: str
    instance_id: str
    user_id: str
    org_id: str | None = None
    storage_paths: tuple[str, ...] = ()

    @property
    def is_many(self) -> bool:
        return self.path.endswith(EACH)

    def instance_id_of(self, name: str) -> str:
        """The id of the instance whose cgroup has this name."""
        return self.instance_id + name if self.is_many else self.instance_id


class _Place(NamedTuple):
    """Where an instance is: its cgroup, as it was seen at the last look, and the paths of its data."""

    path: str
    inode: int
    storage_paths: tuple[str, ...]


class CgroupCollector:
    """Measures cgroups of v1, v2 and the hybrid of both."""

    def __init__(self, targets: Sequence[CgroupTarget], lives: CgroupLives) -> None:
        self._targets = targets
        self._lives = lives
        self._trees = Trees()
        self._places: dict[str, _Place] = {}

    @classmethod
    def of_this_machine(cls, targets: Sequence[CgroupTarget], boot_id: str, held: HeldFiles) -> "CgroupCollector":
        """For the hierarchies that are mounted here; `NoCgroups` where there are none."""
        return cls(targets, lives_of_this_machine(boot_id, held))

    def discover(self) -> Sequence[Instance]:
        instances: dict[str, Instance] = {}
        places: dict[str, _Place] = {}
        for target in self._targets:
            for identifier, place in self._found(target):
                instances.setdefault(identifier, Instance(identifier, target.user_id, target.org_id))
                places.setdefault(identifier, place)
        self._places = places
        try:
            self._lives.look({place.path for place in places.values()})
        except OSError as error:
            raise CollectorFailed(f"the interfaces of the host cannot be read: {error}") from error
        self._trees.look(place.storage_paths for place in places.values())
        return list(instances.values())

    def sample(self, instance: Instance) -> Reading:
        place = self._places[instance.id]
        try:
            used = self._lives.read(place.path, place.inode, instance.id)
            storage_bytes = self._trees.allocated_bytes(place.storage_paths)
        except (OSError, ValueError) as error:
            raise CollectorFailed(f"'{instance.id}' at {place.path} cannot be read: {error}") from error
        return Reading(
            counts=used.counts,
            cores=used.cores,
            memory_bytes=used.memory_bytes,
            memory_capacity_bytes=used.memory_capacity_bytes,
            storage_bytes=storage_bytes,
        )

    def close(self) -> None:
        self._lives.close()

    def _found(self, target: CgroupTarget) -> Iterator[tuple[str, _Place]]:
        if not target.is_many:
            try:
                inode = os.stat(self._lives.root + target.path).st_ino  # noqa: PTH116 - on the hot path
            except FileNotFoundError:
                return
            yield target.instance_id, _Place(target.path, inode, target.storage_paths)
            return
        above = target.path.removesuffix(EACH)
        for name, inode in self._names_below(above):
            identifier = target.instance_id_of(name)
            # A cgroup whose name cannot be an id, such as one with a backslash, is nobody's instance.
            if is_id(identifier):
                paths = tuple(path.replace("{name}", name) for path in target.storage_paths)
                yield identifier, _Place(f"{above}/{name}", inode, paths)

    def _names_below(self, path: str) -> list[tuple[str, int]]:
        """Name and inode of each cgroup directly below."""
        try:
            return self._lives.held.with_room_for(lambda: _directories_in(self._lives.root + path))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CollectorFailed(f"the cgroups below {path} cannot be listed: {error}") from error


def _directories_in(directory: str) -> list[tuple[str, int]]:
    """By name."""
    with os.scandir(directory) as entries:
        return sorted((entry.name, entry.inode()) for entry in entries if entry.is_dir(follow_symlinks=False))


def lives_of_this_machine(boot_id: str, held: HeldFiles) -> CgroupLives:
    """For the hierarchies that are mounted here; `NoCgroups` where there are none."""
    return CgroupLives(boot_id, hierarchies_of(MOUNTS.read_text()), Networks(boot_id, HostSide()), held)
