"""What one cgroup has used, in the words of its hierarchy's version. `ValueError` for text that is none of them."""

import os
from typing import NamedTuple, Protocol

from fogbank.compute.agent.collectors.hierarchy import Mount
from fogbank.compute.agent.collectors.kernel_files import KernelFiles

NO_LIMIT_BYTES = 1 << 60
"""v1 writes a number near 2^63 where there is no limit."""


class Cpu(NamedTuple):
    """`used_us` since the cgroup began; `cores` that it may use at once, None where it may use all."""

    used_us: int
    cores: float | None


class Memory(NamedTuple):
    """The working set is what is used, without the file cache that nobody touched lately and the kernel would drop."""

    working_set_bytes: int
    limit_bytes: int | None


class CpuAccount(Protocol):
    def read(self) -> Cpu: ...
    def close(self) -> None: ...


class MemoryAccount(Protocol):
    def read(self) -> Memory: ...
    def close(self) -> None: ...


class CpuV1:
    def __init__(self, directory: str) -> None:
        # The limit is the cpu controller's, which Debian mounts together with cpuacct and others apart from it.
        has_limit = os.access(f"{directory}/cpu.cfs_quota_us", os.R_OK)
        self._limit = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if has_limit else ()
        self._files = KernelFiles(directory, ["cpuacct.usage", *self._limit])

    def read(self) -> Cpu:
        used_us = int(self._files.read("cpuacct.usage")) // 1000
        quota, period = (int(self._files.read(name)) for name in self._limit) if self._limit else (-1, 1)
        return Cpu(used_us, quota / period if quota > 0 else None)

    def close(self) -> None:
        self._files.close()


class CpuV2:
    def __init__(self, directory: str) -> None:
        # Without the cpu controller there is no limit; the time used is counted all the same.
        self._has_limit = os.access(f"{directory}/cpu.max", os.R_OK)
        self._files = KernelFiles(directory, ["cpu.stat", "cpu.max"] if self._has_limit else ["cpu.stat"])

    def read(self) -> Cpu:
        used_us = value_of(self._files.read("cpu.stat"), b"usage_usec")
        quota, period = self._files.read("cpu.max").split() if self._has_limit else (b"max", b"1")
        return Cpu(used_us, None if quota == b"max" else int(quota) / int(period))

    def close(self) -> None:
        self._files.close()


class MemoryV1:
    def __init__(self, directory: str) -> None:
        self._files = KernelFiles(directory, ["memory.usage_in_bytes", "memory.stat", "memory.limit_in_bytes"])

    def read(self) -> Memory:
        usage = int(self._files.read("memory.usage_in_bytes"))
        inactive_file = value_of(self._files.read("memory.stat"), b"total_inactive_file")
        limit = int(self._files.read("memory.limit_in_bytes"))
        return Memory(max(0, usage - inactive_file), limit if limit < NO_LIMIT_BYTES else None)

    def close(self) -> None:
        self._files.close()


class MemoryV2:
    def __init__(self, directory: str) -> None:
        self._files = KernelFiles(directory, ["memory.current", "memory.stat", "memory.max"])

    def read(self) -> Memory:
        usage = int(self._files.read("memory.current"))
        inactive_file = value_of(self._files.read("memory.stat"), b"inactive_file")
        limit = self._files.read("memory.max").strip()
        return Memory(max(0, usage - inactive_file), None if limit == b"max" else int(limit))

    def close(self) -> None:
        self._files.close()


def cpu_account(mount: Mount, directory: str) -> CpuAccount:
    return CpuV2(directory) if mount.is_v2 else CpuV1(directory)


def memory_account(mount: Mount, directory: str) -> MemoryAccount:
    return MemoryV2(directory) if mount.is_v2 else MemoryV1(directory)


def value_of(flat_keyed: bytes, key: bytes) -> int:
    """The number behind `key` in a file of lines of key and number; `ValueError` where it has none."""
    _, found, rest = (b"\n" + flat_keyed).partition(b"\n" + key + b" ")
    if not found:
        raise ValueError(f"there is no '{key.decode()}'")
    return int(rest.partition(b"\n")[0])
