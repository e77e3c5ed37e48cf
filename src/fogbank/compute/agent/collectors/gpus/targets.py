"""Which GPUs to measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GpuTargets:
    """Which GPUs belong to whom.

    `assigned` gives instances the names of their devices, with commas between. Where the agent `finds` them, those that
    guests and containers hold are counted too, and all of the host's for the host.
    """

    assigned: Mapping[str, str] = field(default_factory=dict)
    finds: bool = False
