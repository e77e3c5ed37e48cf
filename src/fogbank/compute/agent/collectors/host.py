"""The host itself as one instance, through psutil. Linux first; macOS works."""

import os
import sys
from collections.abc import Sequence

import psutil

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.disks import used_bytes_of_disks
from fogbank.compute.agent.collectors.host_traffic import host_traffic
from fogbank.compute.agent.model import Counter, Instance, Reading

CPU_BUSY_FIELDS = ("user", "nice", "system", "irq", "softirq")
"""What this machine computed. Waiting is not busy, stolen time is another machine's, a guest's is already in `user`."""


class HostCollector:
    """Measures this machine: busy CPU, memory in use, what its disks hold, traffic of its physical interfaces."""

    def __init__(self, instance: Instance, boot_id: str) -> None:
        self._instance = instance
        self._boot_id = boot_id
        self._cores = float(os.cpu_count() or 1)
        self._traffic = host_traffic(boot_id)

    def discover(self) -> Sequence[Instance]:
        return [self._instance]

    def sample(self, instance: Instance) -> Reading:
        try:
            return self._reading()
        except (OSError, psutil.Error) as error:
            raise CollectorFailed(f"the host '{instance.id}' cannot be read: {error}") from error

    def close(self) -> None:
        self._traffic.close()

    def _reading(self) -> Reading:
        memory = psutil.virtual_memory()
        passed = self._traffic.read()
        return Reading(
            counts={
                Counter.CPU_US: {self._boot_id: _cpu_busy_us()},
                Counter.EGRESS_BYTES: passed.egress,
                Counter.INGRESS_BYTES: passed.ingress,
            },
            cores=self._cores,
            # Caches that the kernel gives up on demand are nobody's use.
            memory_bytes=memory.total - memory.available,
            memory_capacity_bytes=memory.total,
            storage_bytes=used_bytes_of_disks(),
        )


def _cpu_busy_us() -> int:
    times = psutil.cpu_times()
    busy = round(1e6 * sum(getattr(times, field, 0.0) for field in CPU_BUSY_FIELDS))
    if busy == 0 and sys.platform == "linux":
        raise CollectorFailed("/proc/stat shows no CPU time at all, so it is not this machine's")
    return busy
