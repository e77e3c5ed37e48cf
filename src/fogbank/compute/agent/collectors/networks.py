"""The traffic of an instance: what passed the interfaces of its own network namespace.

It is read at the host's side of them, which one netlink dump a round shows for all. Where a namespace has no such side
(macvlan, slirp), it is read from inside, through a process that lives there.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from fogbank.compute.agent.collectors.host_side import NOTHING, HostSide
from fogbank.compute.agent.collectors.peers import NOT_NUMBERED

PROC = Path("/proc")
LOOPBACK = "lo"
DEV_INGRESS_COLUMN = 0
DEV_EGRESS_COLUMN = 8
SETTLING_LOOKS = 10
"""So many looks at something new ask anew: it may not have its network yet. Afterwards, one in as many does."""


class Traffic(NamedTuple):
    """Bytes into and out of one interface, as seen from inside."""

    interface: str
    ingress_bytes: int
    egress_bytes: int


class _Side(Enum):
    """Where the interfaces of a network are counted."""

    UNDECIDED = "it has none yet, or it is not this instance's"
    HOST = "at their host's ends"
    INSIDE = "from inside"


@dataclass(slots=True)
class _Network:
    """What is known of the network of one life of a cgroup. Namespace 0 is: not found yet."""

    life: str
    born_at_look: int
    turn: int
    namespace: int = 0
    process: str = ""
    side: _Side = _Side.UNDECIDED
    number: int = NOT_NUMBERED
    ends: frozenset[int] = NOTHING


class Networks:
    """Finds network namespaces through the processes that live in them, and remembers what it found.

    No file is held open here: an open file of a process's network would keep its namespace alive after it.
    """

    def __init__(self, boot_id: str, host_side: HostSide | None, proc: Path = PROC) -> None:
        """Without a host's side, everything is read from inside."""
        self._boot_id = boot_id
        self._host_side = host_side
        self._proc = proc
        self._own_namespace = os.stat(f"{proc}/self/ns/net").st_ino  # noqa: PTH116 - as for every other process
        self._networks: dict[str, _Network] = {}
        self._holders: dict[int, str] = {}
        self._looks = 0

    def look(self, places: Collection[str]) -> None:
        """Begin a round, in which only `places` are there; `OSError` where the kernel does not show its interfaces."""
        self._looks += 1
        if self._host_side is not None:
            self._host_side.look()
        for gone in self._networks.keys() - places:
            del self._networks[gone]
        # The kernel gives the number of a namespace that is gone to the next one, which may be another instance's.
        inhabited = {network.namespace for network in self._networks.values()}
        self._holders = {space: holder for space, holder in self._holders.items() if space in inhabited}

    def traffic_of(self, place: str, life: str, holder: str, processes: Iterable[str]) -> dict[str, Traffic]:
        """Traffic by generation: boot and interface index, or seen from inside, boot, namespace and name.

        None where nobody lives in this `life` of `place`, or where the network is the host's. `processes` are asked
        for only where it is not known. A namespace that several instances share is the first one's, the `holder`,
        until none of them is left in it: nobody else is ever billed for what was counted before. `OSError` where a
        process may not be looked at.
        """
        network = self._networks.get(place)
        if network is None or network.life != life:
            turn = len(self._networks) % SETTLING_LOOKS
            network = self._networks[place] = _Network(life, self._looks, turn)
        if not self._is_believed(network):
            self._find(network, holder, processes)
        if network.side is _Side.INSIDE:
            return self._from_inside(network, holder, processes)
        return self._from_host_side(network)

    def close(self) -> None:
        if self._host_side is not None:
            self._host_side.close()

    def _is_believed(self, network: _Network) -> bool:
        """Interfaces that are still there lead where they led: their indexes are given to no others."""
        if network.ends and self._host_side is not None:
            return self._host_side.ends_in(network.number) == network.ends
        is_settled = self._looks - network.born_at_look >= SETTLING_LOOKS
        # Not all of a thousand that were found together are asked at the same look.
        return is_settled and (self._looks + network.turn) % SETTLING_LOOKS != 0

    def _find(self, network: _Network, holder: str, processes: Iterable[str]) -> None:
        for process in processes:
            try:
                self._look_through(network, holder, process)
            except (FileNotFoundError, ProcessLookupError):
                # It ended between the list and the look.
                continue
            return
        network.namespace, network.side, network.ends = 0, _Side.UNDECIDED, NOTHING

    def _look_through(self, network: _Network, holder: str, process: str) -> None:
        namespace = os.open(f"{self._proc}/{process}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            inode = os.fstat(namespace).st_ino
            is_foreign = inode == self._own_namespace or self._holders.setdefault(inode, holder) != holder
            if network.namespace != inode or is_foreign:
                network.namespace, network.side, network.ends = inode, _Side.UNDECIDED, NOTHING
            network.process = process
            if not is_foreign and network.side is not _Side.INSIDE:
                self._decide(network, namespace)
        finally:
            os.close(namespace)

    def _decide(self, network: _Network, namespace: int) -> None:
        """From which side a network is counted. It is decided once: changing sides would count everything again."""
        has_interfaces = any(self._seen_inside(network.process))
        network.ends = self._ends_of(network, namespace)
        if self._host_side is not None and not network.ends and has_interfaces:
            # An interface may have moved in since the table was made.
            self._host_side.look_where_they_lead()
            network.ends = self._ends_of(network, namespace)
        if network.ends:
            network.side = _Side.HOST
        elif has_interfaces and network.side is _Side.UNDECIDED:
            network.side = _Side.INSIDE

    def _ends_of(self, network: _Network, namespace: int) -> frozenset[int]:
        if self._host_side is None:
            return NOTHING
        network.number = self._host_side.number_of(namespace)
        return self._host_side.ends_in(network.number)

    def _from_host_side(self, network: _Network) -> dict[str, Traffic]:
        """What the host received, the instance sent."""
        if self._host_side is None:
            return {}
        passed = self._host_side.passed
        return {
            f"{self._boot_id}/{index}": Traffic(str(index), passed[index].sent_bytes, passed[index].received_bytes)
            for index in network.ends
            if index in passed
        }

    def _from_inside(self, network: _Network, holder: str, processes: Iterable[str]) -> dict[str, Traffic]:
        if not self._lives_in(network.process, network.namespace):
            self._find(network, holder, processes)
            if network.side is not _Side.INSIDE:
                return self._from_host_side(network)
        seen = self._seen_inside(network.process)
        return {f"{self._boot_id}/{network.namespace}/{each.interface}": each for each in seen}

    def _lives_in(self, process: str, namespace: int) -> bool:
        try:
            return os.stat(f"{self._proc}/{process}/ns/net").st_ino == namespace  # noqa: PTH116 - on the hot path
        except (FileNotFoundError, ProcessLookupError):
            return False

    def _seen_inside(self, process: str) -> Iterator[Traffic]:
        return traffic_in((self._proc / process / "net" / "dev").read_text())


def traffic_in(table: str) -> Iterator[Traffic]:
    """The interfaces in the text of /proc/PID/net/dev, without loopback. Two lines of headings come first."""
    for line in table.splitlines()[2:]:
        interface, _, numbers = line.partition(":")
        if interface.strip() != LOOPBACK:
            columns = numbers.split()
            yield Traffic(interface.strip(), int(columns[DEV_INGRESS_COLUMN]), int(columns[DEV_EGRESS_COLUMN]))
