"""What one cgroup has used, in the words of its hierarchy's version. `ValueError` for text that is none of them."""

from contextlib import suppress
from typing import Protocol

from fogbank.compute.agent.collectors.hierarchy import Mount
from fogbank.compute.agent.collectors.kernel_files import KernelFiles, text_of

NO_LIMIT_BYTES = 1 << 60
"""v1 writes a number near 2^63 where there is no limit."""
USAGE, STAT = 0, 1
"""The places of the files among those of an account."""


class CpuAccount(Protocol):
    """One descriptor."""

    @property
    def inode(self) -> int: ...
    def used_us(self) -> int:
        """CPU time since the cgroup began."""
        ...

    def cores(self, directory: str) -> float | None:
        """How many the cgroup in `directory` may use at once; None where it may use all."""
        ...

    def close(self) -> None: ...


class MemoryAccount(Protocol):
    """Two descriptors."""

    @property
    def inode(self) -> int: ...
    def working_set_bytes(self) -> int:
        """What is used, without the file cache that nobody touched lately and the kernel would drop."""
        ...

    def limit_bytes(self, directory: str) -> int | None:
        """How much the cgroup in `directory` may hold; None where there is no limit."""
        ...

    def close(self) -> None: ...


class CpuV1(KernelFiles):
    __slots__ = ()

    def __init__(self, directory: str) -> None:
        super().__init__(directory, ["cpuacct.usage"])

    def used_us(self) -> int:
        return int(self.read(USAGE)) // 1000

    def cores(self, directory: str) -> float | None:
        # The limit is the cpu controller's, which Debian mounts together with cpuacct and others apart from it.
        with suppress(FileNotFoundError):
            quota = int(text_of(f"{directory}/cpu.cfs_quota_us"))
            period = int(text_of(f"{directory}/cpu.cfs_period_us"))
            return quota / period if quota > 0 else None
        return None


class CpuV2(KernelFiles):
    __slots__ = ()

    def __init__(self, directory: str) -> None:
        super().__init__(directory, ["cpu.stat"])

    def used_us(self) -> int:
        return value_of(self.read(USAGE), b"usage_usec")

    def cores(self, directory: str) -> float | None:
        # Without the cpu controller there is no limit; the time used is counted all the same.
        with suppress(FileNotFoundError):
            quota, period = text_of(f"{directory}/cpu.max").split()
            return None if quota == b"max" else int(quota) / int(period)
        return None


class MemoryV1(KernelFiles):
    __slots__ = ()

    def __init__(self, directory: str) -> None:
        super().__init__(directory, ["memory.usage_in_bytes", "memory.stat"])

    def working_set_bytes(self) -> int:
        return max(0, int(self.read(USAGE)) - value_of(self.read(STAT), b"total_inactive_file"))

    def limit_bytes(self, directory: str) -> int | None:
        limit = int(text_of(f"{directory}/memory.limit_in_bytes"))
        return limit if limit < NO_LIMIT_BYTES else None


class MemoryV2(KernelFiles):
    __slots__ = ()

    def __init__(self, directory: str) -> None:
        super().__init__(directory, ["memory.current", "memory.stat"])

    def working_set_bytes(self) -> int:
        return max(0, int(self.read(USAGE)) - value_of(self.read(STAT), b"inactive_file"))

    def limit_bytes(self, directory: str) -> int | None:
        limit = text_of(f"{directory}/memory.max").strip()
        return None if limit == b"max" else int(limit)


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
