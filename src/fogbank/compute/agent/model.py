"""What the agent knows: instances, readings of them, and the checkpoint that each next reading is measured against."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Owner(Struct, frozen=True, gc=False):
    """Whose an instance is: a user, and the organisation that pays where there is one."""

    user_id: str
    org_id: str | None = None


class Instance(Struct, frozen=True, gc=False):
    """Something that can be metered, and whose it is; `user_id` is empty where its collector does not know."""

    id: str
    user_id: str = ""
    org_id: str | None = None


class Counter(StrEnum):
    """What only grows while its generation lasts. Integers in the smallest unit, so that differences add up exactly."""

    CPU_US = "cpu_us"
    GPU_US = "gpu_us"
    EGRESS_BYTES = "egress_bytes"
    INGRESS_BYTES = "ingress_bytes"


Counts = Mapping[Counter, Mapping[str, int]]
"""Per counter, what each of its generations has counted so far.

A generation names one life of one source: boot and cgroup inode, boot and interface index. A counter has several of
them where an instance has several interfaces, and none where it has no such thing.
"""


class Reading(Struct, frozen=True, gc=False):
    """One look at an instance. What could not be read makes no reading at all, never a zero in it.

    `cores` and `memory_capacity_bytes` are what the instance may use: its limit, else the host's. `memory_bytes` is
    what it is billed for; `memory_busy_bytes` is what it makes use of, where that is something else: a virtual machine
    is given memory whether it uses it or not.
    """

    counts: Counts
    cores: float
    memory_bytes: int
    memory_capacity_bytes: int
    storage_bytes: int
    memory_busy_bytes: int | None = None


class Tick(Struct, frozen=True, gc=False):
    """The instant at which the periods of one round of readings end.

    `end_us` is that instant on the wall clock, in microseconds since the Unix epoch; `monotonic_us` is the same
    instant on the monotonic clock, which counts from the boot that `boot_id` names and cannot be set.
    """

    end_us: int
    boot_id: str
    monotonic_us: int


class Checkpoint(Struct, frozen=True, gc=False):
    """Where the metering of an instance stands: done up to which tick, and with which counts.

    `owner` is whose the time from there on is. None in what agents wrote before there were placements.
    """

    tick: Tick
    counts: Counts
    owner: Owner | None = None
