"""What passed the billed interfaces of the host, by generation: boot, interface index and name."""

import sys
from typing import NamedTuple, Protocol

from fogbank.compute.agent.collectors.interfaces import BilledInterfaces
from fogbank.compute.agent.collectors.links import Links


class HostPassed(NamedTuple):
    """Bytes into and out of this machine."""

    ingress: dict[str, int]
    egress: dict[str, int]


class HostTraffic(Protocol):
    def read(self) -> HostPassed:
        """What has passed by now; `OSError` where the system does not say."""
        ...

    def close(self) -> None: ...


class LinuxTraffic:
    """By netlink: one dump, whatever the number of interfaces."""

    def __init__(self, boot_id: str) -> None:
        self._boot_id = boot_id
        self._links = Links()
        self._billed = BilledInterfaces()

    def read(self) -> HostPassed:
        passed = self._links.read()
        billed = self._billed.among(passed.keys())
        names = {index: f"{self._boot_id}/{index}:{name}" for index, name in billed.items()}
        return HostPassed(
            ingress={generation: passed[index].received_bytes for index, generation in names.items()},
            egress={generation: passed[index].sent_bytes for index, generation in names.items()},
        )

    def close(self) -> None:
        self._links.close()


def host_traffic(boot_id: str) -> HostTraffic:
    if sys.platform == "darwin":
        from fogbank.compute.agent.collectors.host_mac import MacTraffic  # noqa: PLC0415 - nothing of it is on Linux

        return MacTraffic(boot_id)
    return LinuxTraffic(boot_id)
