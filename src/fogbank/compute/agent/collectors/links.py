"""The network interfaces of the agent's own namespace, and what passed them: one raw netlink dump for all of them.

An instance's traffic is read here, at the host's end of its interface: the tap device of a machine, the peer of a
container's veth. What the host received there is what the instance sent.
"""

import socket
import struct
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

from fogbank.compute.agent.collectors.rtnetlink import Message, RoutingSocket, attributes_in

RTM_GETSTATS = 94
IF_STATS = struct.Struct("=BBHII")
"""Family, padding, interface index, filter: `struct if_stats_msg`."""
IFLA_STATS_LINK_64 = 1
ONLY_LINK_64 = 1 << (IFLA_STATS_LINK_64 - 1)
BYTES_OF_LINK_64 = struct.Struct("=16xQQ")
"""`rx_bytes` and `tx_bytes` of `struct rtnl_link_stats64`, behind two numbers of packets."""


class Passed(NamedTuple):
    """Bytes that passed an interface since it was made, as the host sees it: an instance's egress is `received`."""

    received_bytes: int
    sent_bytes: int


class Links:
    """What passed each interface. One descriptor; about 2.5 microseconds of CPU per interface and look.

    An interface's index is given to no other one until the machine boots again, so boot id and index name one life.
    """

    def __init__(self) -> None:
        """`OSError` where the kernel gives no routing socket."""
        self._routing = RoutingSocket()

    def read(self) -> Mapping[int, Passed]:
        """By interface index, what has passed by now; `OSError` where the kernel does not say."""
        messages = self._routing.dump(RTM_GETSTATS, IF_STATS.pack(0, 0, 0, 0, ONLY_LINK_64))
        return dict(_passed(message) for message in messages)

    def index_of(self, name: str) -> int:
        """The index of the interface that has this name now; `OSError` where none has."""
        return socket.if_nametoindex(name)

    def close(self) -> None:
        self._routing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _passed(message: Message) -> tuple[int, Passed]:
    data, start, end = message
    index = IF_STATS.unpack_from(data, start)[3]
    for kind, value, _ in attributes_in(data, start + IF_STATS.size, end):
        if kind == IFLA_STATS_LINK_64:
            return index, Passed(*BYTES_OF_LINK_64.unpack_from(data, value))
    raise OSError(f"the kernel gives no counters of interface {index}")
