"""Which of the host's interfaces lead into which other network namespace, as the kernel numbers them."""

import struct
from collections.abc import Mapping

from fogbank.compute.agent.collectors.rtnetlink import Message, RoutingSocket, attribute, attributes_in

RTM_GETLINK = 18
RTM_GETNSID = 90
IF_INFO = struct.Struct("=BxHiII")
"""Family, type, interface index, flags, change: `struct ifinfomsg`."""
ROUTING_FAMILY = struct.Struct("=B3x")
UNSIGNED = struct.Struct("=I")
SIGNED = struct.Struct("=i")
IFLA_LINKINFO = 18
IFLA_INFO_KIND = 1
IFLA_EXT_MASK = 29
IFLA_LINK_NETNSID = 37
RTEXT_FILTER_SKIP_STATS = 1 << 3
NETNSA_NSID = 1
NETNSA_FD = 3
NOT_NUMBERED = -1
PAIRED = frozenset({b"veth", b"netkit"})
"""Interfaces that come in pairs, so that what leaves the one has arrived at the other."""


class Peers:
    """The host's ends of pairs whose other end is in another namespace.

    The kernel gives the number of a namespace to every other one that has an interface into it, and gives it again
    after the namespace is gone: a number holds for as long as the interfaces that bear it.
    """

    def __init__(self) -> None:
        """`OSError` where the kernel gives no routing socket."""
        self._routing = RoutingSocket()

    def read(self) -> Mapping[int, frozenset[int]]:
        """By number of the namespace, the indexes of the host's interfaces that lead into it."""
        without_counters = attribute(IFLA_EXT_MASK, UNSIGNED.pack(RTEXT_FILTER_SKIP_STATS))
        found: dict[int, set[int]] = {}
        for message in self._routing.dump(RTM_GETLINK, IF_INFO.pack(0, 0, 0, 0, 0) + without_counters):
            index, number = _end_of_pair(message)
            if number != NOT_NUMBERED:
                found.setdefault(number, set()).add(index)
        return {number: frozenset(indexes) for number, indexes in found.items()}

    def number_of(self, namespace: int) -> int:
        """The number of an open namespace, by its descriptor; `NOT_NUMBERED` where no interface leads there."""
        asked = ROUTING_FAMILY.pack(0) + attribute(NETNSA_FD, UNSIGNED.pack(namespace))
        data, start, end = self._routing.ask(RTM_GETNSID, asked)
        for kind, value, _ in attributes_in(data, start + ROUTING_FAMILY.size, end):
            if kind == NETNSA_NSID:
                return int(SIGNED.unpack_from(data, value)[0])
        return NOT_NUMBERED

    def close(self) -> None:
        self._routing.close()


def _end_of_pair(message: Message) -> tuple[int, int]:
    """Index, and the number of the namespace that holds the other end; `NOT_NUMBERED` where it is no such end."""
    data, start, end = message
    number, is_paired = NOT_NUMBERED, False
    for kind, value, behind in attributes_in(data, start + IF_INFO.size, end):
        if kind == IFLA_LINK_NETNSID:
            number = SIGNED.unpack_from(data, value)[0]
        elif kind == IFLA_LINKINFO:
            is_paired = _kind_of(data, value, behind) in PAIRED
    return IF_INFO.unpack_from(data, start)[2], number if is_paired else NOT_NUMBERED


def _kind_of(data: bytes, start: int, end: int) -> bytes:
    for kind, value, behind in attributes_in(data, start, end):
        if kind == IFLA_INFO_KIND:
            return data[value:behind].rstrip(b"\0")
    return b""
