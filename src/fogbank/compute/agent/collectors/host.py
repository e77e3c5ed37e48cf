"""The host itself as one instance. Linux first; macOS works."""

import os
import sys
from collections.abc import Callable, Sequence

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.disks import used_bytes_of_disks
from fogbank.compute.agent.collectors.host_load import HostLoad, linux_load
from fogbank.compute.agent.collectors.host_traffic import host_traffic
from fogbank.compute.agent.model import Counter, Instance, Reading


class HostCollector:
    """Measures this machine: busy CPU, memory in use, what its disks hold, traffic of its physical interfaces."""

    def __init__(self, instance: Instance, boot_id: str) -> None:
        self._instance = instance
        self._boot_id = boot_id
        self._cores = float(os.cpu_count() or 1)
        self._load = _load_of_this_machine()
        self._traffic = host_traffic(boot_id)

    def discover(self) -> Sequence[Instance]:
        return [self._instance]

    def sample(self, instance: Instance) -> Reading:
        try:
            return self._reading()
        except (OSError, ValueError) as error:
            raise CollectorFailed(f"the host '{instance.id}' cannot be read: {error}") from error

    def close(self) -> None:
        self._traffic.close()

    def _reading(self) -> Reading:
        load = self._load()
        passed = self._traffic.read()
        return Reading(
            counts={
                Counter.CPU_US: {self._boot_id: load.cpu_busy_us},
                Counter.EGRESS_BYTES: passed.egress,
                Counter.INGRESS_BYTES: passed.ingress,
            },
            cores=self._cores,
            memory_bytes=load.memory_bytes,
            memory_capacity_bytes=load.memory_capacity_bytes,
            storage_bytes=used_bytes_of_disks(),
        )


def _load_of_this_machine() -> Callable[[], HostLoad]:
    if sys.platform == "darwin":
        from fogbank.compute.agent.collectors.host_mac import mac_load  # noqa: PLC0415 - nothing of it is on Linux

        return mac_load
    return linux_load
