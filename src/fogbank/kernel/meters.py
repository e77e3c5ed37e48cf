"""Meters: what is billable, and in which unit."""

from enum import StrEnum


class Meter(StrEnum):
    """A billable quantity. Its value is its name on the wire, in tables and in price books."""

    CPU_SECONDS = "cpu_seconds"
    GPU_SECONDS = "gpu_seconds"
    MEMORY_GB_SECONDS = "memory_gb_seconds"
    STORAGE_GB_SECONDS = "storage_gb_seconds"
    NETWORK_EGRESS_MB = "network_egress_mb"
    NETWORK_INGRESS_MB = "network_ingress_mb"
    INSTANCE_SECONDS = "instance_seconds"

    @property
    def label(self) -> str:
        """What a person calls it."""
        return LABELS[self]

    @property
    def unit(self) -> str:
        """The unit of one whole unit of it; stored quantities are millionths of this."""
        return UNITS[self]


LABELS = {
    Meter.CPU_SECONDS: "CPU",
    Meter.GPU_SECONDS: "GPU",
    Meter.MEMORY_GB_SECONDS: "Memory",
    Meter.STORAGE_GB_SECONDS: "Storage",
    Meter.NETWORK_EGRESS_MB: "Network out",
    Meter.NETWORK_INGRESS_MB: "Network in",
    Meter.INSTANCE_SECONDS: "Instance time",
}

UNITS = {
    Meter.CPU_SECONDS: "s",
    Meter.GPU_SECONDS: "s",
    Meter.MEMORY_GB_SECONDS: "GB·s",
    Meter.STORAGE_GB_SECONDS: "GB·s",
    Meter.NETWORK_EGRESS_MB: "MB",
    Meter.NETWORK_INGRESS_MB: "MB",
    Meter.INSTANCE_SECONDS: "s",
}
