"""The lives of cgroups: each is read through files of its own, so that one made anew under the same path is another."""

import errno
import os
from collections.abc import Collection
from dataclasses import dataclass

from msgspec import Struct

from fogbank.compute.agent.collectors.accounting import CpuAccount, MemoryAccount, cpu_account, memory_account
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.hierarchy import Hierarchies
from fogbank.compute.agent.collectors.members import processes_in
from fogbank.compute.agent.collectors.networks import Networks
from fogbank.compute.agent.model import Counter, Counts

LIMITS_LOOKS = 10
"""A limit changes seldom and is not billed: it is read at every tenth look, and at the first."""


class Used(Struct, frozen=True, gc=False):
    """What one cgroup has counted and holds. `cores` and `memory_capacity_bytes` are its limits, else the host's."""

    counts: Counts
    cores: float
    memory_bytes: int
    memory_capacity_bytes: int


@dataclass(slots=True)
class _Files:
    """The open files of one life of a cgroup, three in all."""

    cpu: CpuAccount
    memory: MemoryAccount

    def close(self) -> None:
        self.cpu.close()
        self.memory.close()


@dataclass(slots=True, eq=False)
class _Life:
    """One life of a cgroup: its files where they are held open, and its limits as they were read last."""

    inode: int
    generation: str
    looks: int
    cores: float | None = None
    limit_bytes: int | None = None
    files: _Files | None = None

    def close(self) -> None:
        if self.files is not None:
            self.files.close()
            self.files = None


class CgroupLives:
    """Reads cgroups by their path. Those for which there is room keep their files open until they are gone."""

    def __init__(self, boot_id: str, hierarchies: Hierarchies, networks: Networks, held: HeldFiles) -> None:
        self._boot_id = boot_id
        self._hierarchies = hierarchies
        self._networks = networks
        self.held = held
        self._lives: dict[str, _Life] = {}
        self.host_cores = float(os.cpu_count() or 1)
        self.host_memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    @property
    def root(self) -> str:
        """The directory of the hierarchy that accounts for CPU: what is not in it is not metered."""
        return self._hierarchies.cpu.directory

    def look(self, paths: Collection[str]) -> None:
        """Begin a round in which only these exist; `OSError` where the host does not show its interfaces."""
        for gone in self._lives.keys() - paths:
            self._forget(gone)
        self._networks.look(paths)

    def read(self, path: str, inode: int, instance_id: str) -> Used:
        """What the cgroup at `path` has used, which was seen there as `inode`.

        `OSError` or `ValueError` where a value is missing. One that was made anew since it was seen is read anew.
        """
        try:
            return self._read(path, inode, instance_id)
        except OSError as error:
            if error.errno == errno.ENODEV:
                # So says a file whose cgroup is gone.
                self._forget(path)
            elif not self.held.make_room(error):
                raise
        return self._read(path, inode, instance_id)

    def close(self) -> None:
        for path in list(self._lives):
            self._forget(path)
        self._networks.close()

    def _forget(self, path: str) -> None:
        life = self._lives.pop(path, None)
        if life is not None:
            self.held.give_back(life)
            life.close()

    def _read(self, path: str, inode: int, instance_id: str) -> Used:
        life = self._lives.get(path)
        if life is not None and life.files is not None and life.inode == inode:
            return self._used(life, life.files, path, instance_id)
        files = self._opened(path)
        try:
            life = self._life_of(path, files)
            used = self._used(life, files, path, instance_id)
            if self.held.may_hold(life):
                life.files = files
            return used
        finally:
            if life is None or life.files is not files:
                files.close()

    def _opened(self, path: str) -> _Files:
        cpu = cpu_account(self._hierarchies.cpu, self._hierarchies.cpu.directory + path)
        try:
            return _Files(cpu, memory_account(self._hierarchies.memory, self._hierarchies.memory.directory + path))
        except OSError:
            cpu.close()
            raise

    def _life_of(self, path: str, files: _Files) -> _Life:
        """The life that these files are of: the one that was known, or another."""
        known = self._lives.get(path)
        if known is not None and known.inode == files.cpu.inode:
            return known
        self._forget(path)
        # Not all of a thousand that were born together read their limits at the same look.
        life = _Life(files.cpu.inode, f"{self._boot_id}/{files.cpu.inode}", looks=len(self._lives) % LIMITS_LOOKS)
        self._read_limits(life, files, path)
        self._lives[path] = life
        return life

    def _read_limits(self, life: _Life, files: _Files, path: str) -> None:
        life.cores = files.cpu.cores(self._hierarchies.cpu.directory + path)
        life.limit_bytes = files.memory.limit_bytes(self._hierarchies.memory.directory + path)

    def _used(self, life: _Life, files: _Files, path: str, instance_id: str) -> Used:
        life.looks += 1
        if life.looks % LIMITS_LOOKS == 0:
            self._read_limits(life, files, path)
        used_us = files.cpu.used_us()
        memory_bytes = files.memory.working_set_bytes()
        traffic = self._networks.traffic_of(path, life.generation, instance_id, processes_in(self.root + path))
        return Used(
            counts={
                Counter.CPU_US: {life.generation: used_us},
                Counter.EGRESS_BYTES: {interface: each.egress_bytes for interface, each in traffic.items()},
                Counter.INGRESS_BYTES: {interface: each.ingress_bytes for interface, each in traffic.items()},
            },
            cores=life.cores or self.host_cores,
            memory_bytes=memory_bytes,
            memory_capacity_bytes=min(life.limit_bytes or self.host_memory_bytes, self.host_memory_bytes),
        )
