"""The traffic of an instance: what passed the interfaces of its own network namespace."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
LOOPBACK = "lo"
DEV_INGRESS_COLUMN = 0
DEV_EGRESS_COLUMN = 8


class Traffic(NamedTuple):
    """Bytes into and out of one interface, as seen from inside."""

    interface: str
    ingress_bytes: int
    egress_bytes: int


class Networks:
    """Finds network namespaces through the processes that live in them.

    No file is held open here: an open file of a process's network would keep its namespace alive after it.
    """

    def __init__(self, boot_id: str, proc: Path = PROC) -> None:
        self._boot_id = boot_id
        self._proc = proc
        self._own_namespace = _namespace(proc, "self")

    def traffic_of(self, processes: Iterable[str]) -> dict[str, Traffic]:
        """Traffic by generation (boot, namespace, interface), as the first of `processes` that still lives sees it.

        None where nobody lives, or where the network is the host's. `OSError` where a process may not be looked at.
        """
        for process in processes:
            try:
                return self._traffic_of(process)
            except (FileNotFoundError, ProcessLookupError):
                # It ended between the list and the look.
                continue
        return {}

    def _traffic_of(self, process: str) -> dict[str, Traffic]:
        namespace = _namespace(self._proc, process)
        if namespace == self._own_namespace:
            return {}
        table = (self._proc / process / "net" / "dev").read_text()
        return {f"{self._boot_id}/{namespace}/{each.interface}": each for each in traffic_in(table)}


def _namespace(proc: Path, process: str) -> int:
    return os.stat(f"{proc}/{process}/ns/net").st_ino  # noqa: PTH116 - on the hot path


def traffic_in(table: str) -> Iterator[Traffic]:
    """The interfaces in the text of /proc/PID/net/dev, without loopback. Two lines of headings come first."""
    for line in table.splitlines()[2:]:
        interface, _, numbers = line.partition(":")
        if interface.strip() != LOOPBACK:
            columns = numbers.split()
            yield Traffic(interface.strip(), int(columns[DEV_INGRESS_COLUMN]), int(columns[DEV_EGRESS_COLUMN]))
