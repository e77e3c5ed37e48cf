"""A Mac as a host, through psutil, which is loaded only there."""

import socket

import psutil

from fogbank.compute.agent.collectors.host_load import HostLoad
from fogbank.compute.agent.collectors.host_traffic import HostPassed

CPU_BUSY_FIELDS = ("user", "nice", "system")


def mac_load() -> HostLoad:
    """What holds now; `OSError` where the system does not say."""
    times, memory = psutil.cpu_times(), psutil.virtual_memory()
    busy_us = round(1e6 * sum(getattr(times, field, 0.0) for field in CPU_BUSY_FIELDS))
    return HostLoad(busy_us, memory.total - memory.available, memory.total)


class MacTraffic:
    """By psutil: interfaces whose name begins with `en` are the physical ones."""

    def __init__(self, boot_id: str) -> None:
        self._boot_id = boot_id

    def read(self) -> HostPassed:
        indexes = {name: index for index, name in socket.if_nameindex() if name.startswith("en")}
        counted = psutil.net_io_counters(pernic=True, nowrap=False)
        passed = {f"{self._boot_id}/{indexes[name]}:{name}": each for name, each in counted.items() if name in indexes}
        return HostPassed(
            ingress={generation: each.bytes_recv for generation, each in passed.items()},
            egress={generation: each.bytes_sent for generation, each in passed.items()},
        )

    def close(self) -> None:
        """Nothing is held open."""
