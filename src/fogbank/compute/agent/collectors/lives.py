"""The lives of cgroups: each is read through files of its own, so that one made anew under the same path is another."""

import errno
import os
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass

import psutil

from fogbank.compute.agent.collectors.accounting import CpuAccount, MemoryAccount, cpu_account, memory_account
from fogbank.compute.agent.collectors.hierarchy import Hierarchies
from fogbank.compute.agent.collectors.members import processes_in
from fogbank.compute.agent.collectors.networks import Networks
from fogbank.compute.agent.model import Counter, Counts

LIMITS_LOOKS = 10
"""A limit changes seldom and is not billed: it is read at every tenth look, and at the first."""


@dataclass(frozen=True, slots=True)
class Used:
    """What one cgroup has counted and holds. `cores` and `memory_capacity_bytes` are its limits, else the host's."""

    counts: Counts
    cores: float
    memory_bytes: int
    memory_capacity_bytes: int


@dataclass(slots=True)
class _Life:
    """The open files of one life of a cgroup, three in all, and its limits as they were read last."""

    cpu: CpuAccount
    memory: MemoryAccount
    looks: int
    cores: float | None = None
    limit_bytes: int | None = None

    def read_limits(self) -> None:
        self.cores = self.cpu.cores()
        self.limit_bytes = self.memory.limit_bytes()

    def close(self) -> None:
        self.cpu.close()
        self.memory.close()


class CgroupLives:
    """Reads cgroups by their path."""

    def __init__(self, boot_id: str, hierarchies: Hierarchies, networks: Networks) -> None:
        self._boot_id = boot_id
        self._hierarchies = hierarchies
        self._networks = networks
        self._lives: dict[str, _Life] = {}
        self.host_cores = float(os.cpu_count() or 1)
        self.host_memory_bytes = psutil.virtual_memory().total

    @property
    def root(self) -> str:
        """The directory of the hierarchy that accounts for CPU: what is not in it is not metered."""
        return self._hierarchies.cpu.directory

    def look(self, paths: Collection[str]) -> None:
        """Begin a round in which only these exist; `OSError` where the host does not show its interfaces."""
        for gone in self._lives.keys() - paths:
            self._lives.pop(gone).close()
        self._networks.look(paths)

    def read(self, path: str, inode: int, instance_id: str) -> Used:
        """What the cgroup at `path` has used, which was seen there as `inode`.

        `OSError` or `ValueError` where a value is missing. One that was made anew since it was seen is read anew.
        """
        life = self._life(path, inode)
        try:
            return self._used(life, path, instance_id)
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise
        # So says a file whose cgroup is gone.
        return self._used(self._born(path), path, instance_id)

    def close(self) -> None:
        for life in self._lives.values():
            life.close()
        self._lives.clear()
        self._networks.close()

    def _life(self, path: str, inode: int) -> _Life:
        life = self._lives.get(path)
        return life if life is not None and life.cpu.inode == inode else self._born(path)

    def _born(self, path: str) -> _Life:
        if path in self._lives:
            self._lives.pop(path).close()
        with ExitStack() as opened:
            cpu = cpu_account(self._hierarchies.cpu, self._hierarchies.cpu.directory + path)
            opened.callback(cpu.close)
            memory = memory_account(self._hierarchies.memory, self._hierarchies.memory.directory + path)
            opened.callback(memory.close)
            # Not all of a thousand that were born together read their limits at the same look.
            life = _Life(cpu, memory, looks=len(self._lives) % LIMITS_LOOKS)
            life.read_limits()
            opened.pop_all()
        self._lives[path] = life
        return life

    def _used(self, life: _Life, path: str, instance_id: str) -> Used:
        life.looks += 1
        if life.looks % LIMITS_LOOKS == 0:
            life.read_limits()
        generation = f"{self._boot_id}/{life.cpu.inode}"
        used_us = life.cpu.used_us()
        memory_bytes = life.memory.working_set_bytes()
        traffic = self._networks.traffic_of(path, generation, instance_id, processes_in(self.root + path))
        return Used(
            counts={
                Counter.CPU_US: {generation: used_us},
                Counter.EGRESS_BYTES: {interface: each.egress_bytes for interface, each in traffic.items()},
                Counter.INGRESS_BYTES: {interface: each.ingress_bytes for interface, each in traffic.items()},
            },
            cores=life.cores or self.host_cores,
            memory_bytes=memory_bytes,
            memory_capacity_bytes=min(life.limit_bytes or self.host_memory_bytes, self.host_memory_bytes),
        )
