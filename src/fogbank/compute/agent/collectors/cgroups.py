"""Every cgroup that the agent is pointed at, as instances: one by its path, or all directly below one."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.accounting import CpuAccount, MemoryAccount, cpu_account, memory_account
from fogbank.compute.agent.collectors.disks import allocated_bytes
from fogbank.compute.agent.collectors.hierarchy import Hierarchies, hierarchies_of
from fogbank.compute.agent.collectors.members import Members
from fogbank.compute.agent.collectors.networks import Networks
from fogbank.compute.agent.model import Counter, Instance, Reading
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an instance is: its cgroup, and the paths of its data."""

    path: str
    storage_paths: tuple[str, ...]


@dataclass(slots=True)
class _Account:
    """The open files of one life of a cgroup, which `inodes` tell from its next."""

    inodes: tuple[int, int]
    cpu: CpuAccount
    memory: MemoryAccount
    members: Members

    def close(self) -> None:
        for opened in (self.cpu, self.memory, self.members):
            opened.close()


class CgroupCollector:
    """Measures cgroups of v1, v2 and the hybrid of both."""

    def __init__(
        self, targets: Sequence[CgroupTarget], boot_id: str, hierarchies: Hierarchies, networks: Networks
    ) -> None:
        self._targets = targets
        self._boot_id = boot_id
        self._hierarchies = hierarchies
        self._networks = networks
        self._places: dict[str, _Place] = {}
        self._accounts: dict[str, _Account] = {}
        self._host_cores = float(os.cpu_count() or 1)
        self._host_memory_bytes = psutil.virtual_memory().total

    @classmethod
    def of_this_machine(cls, targets: Sequence[CgroupTarget], boot_id: str) -> "CgroupCollector":
        """For the hierarchies that are mounted here; `NoCgroups` where there are none."""
        return cls(targets, boot_id, hierarchies_of(MOUNTS.read_text()), Networks(boot_id))

    def discover(self) -> Sequence[Instance]:
        instances: dict[str, Instance] = {}
        places: dict[str, _Place] = {}
        for target in self._targets:
            for identifier, place in self._found(target):
                instances.setdefault(identifier, Instance(identifier, target.user_id, target.org_id))
                places.setdefault(identifier, place)
        self._places = places
        for gone in self._accounts.keys() - places.keys():
            self._accounts.pop(gone).close()
        return list(instances.values())

    def sample(self, instance: Instance) -> Reading:
        place = self._places[instance.id]
        try:
            return self._reading(instance.id, place)
        except (OSError, ValueError) as error:
            raise CollectorFailed(f"'{instance.id}' at {place.path} cannot be read: {error}") from error

    def close(self) -> None:
        for account in self._accounts.values():
            account.close()
        self._accounts.clear()

    def _found(self, target: CgroupTarget) -> Iterator[tuple[str, _Place]]:
        if not target.is_many:
            if os.path.isdir(self._hierarchies.cpu.directory + target.path):  # noqa: PTH112 - on the hot path
                yield target.instance_id, _Place(target.path, target.storage_paths)
            return
        above = target.path.removesuffix(EACH)
        for name in self._names_below(above):
            identifier = target.instance_id_of(name)
            # A cgroup whose name cannot be an id, such as one with a backslash, is nobody's instance.
            if is_id(identifier):
                paths = tuple(path.replace("{name}", name) for path in target.storage_paths)
                yield identifier, _Place(f"{above}/{name}", paths)

    def _names_below(self, path: str) -> list[str]:
        try:
            with os.scandir(self._hierarchies.cpu.directory + path) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CollectorFailed(f"the cgroups below {path} cannot be listed: {error}") from error

    def _reading(self, identifier: str, place: _Place) -> Reading:
        cpu_directory = self._hierarchies.cpu.directory + place.path
        memory_directory = self._hierarchies.memory.directory + place.path
        found = os.stat(cpu_directory)  # noqa: PTH116 - on the hot path
        inodes = (found.st_ino, os.stat(memory_directory).st_ino)  # noqa: PTH116
        account = self._account(identifier, inodes, cpu_directory, memory_directory)
        cpu = account.cpu.read()
        memory = account.memory.read()
        traffic = self._networks.traffic_of(account.members.read(found.st_nlink))
        return Reading(
            counts={
                Counter.CPU_US: {f"{self._boot_id}/{inodes[0]}": cpu.used_us},
                Counter.EGRESS_BYTES: {generation: each.egress_bytes for generation, each in traffic.items()},
                Counter.INGRESS_BYTES: {generation: each.ingress_bytes for generation, each in traffic.items()},
            },
            cores=cpu.cores or self._host_cores,
            memory_bytes=memory.working_set_bytes,
            memory_capacity_bytes=min(memory.limit_bytes or self._host_memory_bytes, self._host_memory_bytes),
            storage_bytes=allocated_bytes(place.storage_paths),
        )

    def _account(self, identifier: str, inodes: tuple[int, int], cpu_directory: str, memory_directory: str) -> _Account:
        """The open files of the cgroup as it lives now: a cgroup made anew under the same path is another one."""
        account = self._accounts.get(identifier)
        if account is not None and account.inodes == inodes:
            return account
        if account is not None:
            self._accounts.pop(identifier).close()
        with ExitStack() as opened:
            cpu = cpu_account(self._hierarchies.cpu, cpu_directory)
            opened.callback(cpu.close)
            memory = memory_account(self._hierarchies.memory, memory_directory)
            opened.callback(memory.close)
            account = _Account(inodes, cpu, memory, Members(cpu_directory))
            opened.pop_all()
        self._accounts[identifier] = account
        return account
