"""What a simulated fleet is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fogbank.events.batch import Batch

VCPUS_MAX = 32
GPUS_MAX = 8
MEMORY_SIZES_GB = (1, 2, 4, 8, 16, 32, 64, 128)
STORAGE_GB_MAX = 2_000


class Kind(StrEnum):
    """What an instance is for, which decides its rhythm."""

    WEB = "web"
    DATABASE = "database"
    WORKER = "worker"
    NIGHTLY = "nightly"
    DESKTOP = "desktop"
    IDLE = "idle"
    GPU = "gpu"


@dataclass(frozen=True, slots=True)
class SimulatedInstance:
    """One instance: whose it is, where it runs, how large it is, and when it lives.

    `peak_hour` is the hour in UTC of its busiest time of day. It is there from `starts_us`, included, to `ends_us`,
    excluded.
    """

    instance_id: str
    user_id: str
    org_id: str | None
    node_id: str
    kind: Kind
    vcpus: int
    memory_gb: int
    storage_gb: int
    gpus: int = 0
    peak_hour: float = 14.0
    starts_us: int = 0
    ends_us: int = 2**63 - 1

    def __post_init__(self) -> None:
        if not 1 <= self.vcpus <= VCPUS_MAX or not 0 <= self.gpus <= GPUS_MAX:
            raise ValueError(f"an instance has 1 to {VCPUS_MAX} vCPUs and 0 to {GPUS_MAX} GPUs")
        if self.memory_gb not in MEMORY_SIZES_GB or not 0 <= self.storage_gb <= STORAGE_GB_MAX:
            raise ValueError(f"memory is one of {MEMORY_SIZES_GB} GB, storage at most {STORAGE_GB_MAX} GB")


class Source(Protocol):
    """Anything that can be played: a fleet, or a recorded trace."""

    def tick(self, period_start_us: int, period_seconds: int) -> Iterator[Batch]:
        """The readings of one period. The same period gives the same batches, byte for byte."""
        ...
