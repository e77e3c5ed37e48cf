"""The host's side of the instances' interfaces: their counters, and which namespace each leads into."""

from collections.abc import Mapping

from fogbank.compute.agent.collectors.links import Links, Passed
from fogbank.compute.agent.collectors.peers import Peers

NOTHING: frozenset[int] = frozenset()


class HostSide:
    """Looked at once a round. Where interfaces lead is asked again only when one came or went."""

    def __init__(self) -> None:
        """`OSError` where the kernel gives no routing socket."""
        self._links = Links()
        self._peers = Peers()
        self._ends: Mapping[int, frozenset[int]] = {}
        self.passed: Mapping[int, Passed] = {}

    def look(self) -> None:
        """Read what has passed by now; `OSError` where the kernel does not say."""
        before = self.passed.keys()
        self.passed = self._links.read()
        if self.passed.keys() != before:
            self.look_where_they_lead()

    def look_where_they_lead(self) -> None:
        self._ends = self._peers.read()

    def ends_in(self, number: int) -> frozenset[int]:
        """The host's interfaces that lead into the namespace of this number."""
        return self._ends.get(number, NOTHING)

    def number_of(self, namespace: int) -> int:
        """The number of a namespace by its descriptor; as `Peers.number_of`."""
        return self._peers.number_of(namespace)

    def close(self) -> None:
        self._links.close()
        self._peers.close()
