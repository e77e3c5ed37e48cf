"""What is known of a node, compact: who it is, and what is on it. Made of the views; instants are microseconds."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import attrgetter

from msgspec import Struct

from fogbank.compute.client.nodes import NodeFactsView, NodeKeyView, PlacementFactsView
from fogbank.kernel.periods import microseconds_of


class NodeKey(Struct, frozen=True, array_like=True, gc=False):
    """A public key of a node, and when messages that it signed may have been received."""

    id: str
    public_key: str
    valid_from_us: int
    valid_until_us: int | None

    def is_valid_at(self, received_us: int) -> bool:
        return self.valid_from_us <= received_us and (self.valid_until_us is None or received_us < self.valid_until_us)


class NodeIdentity(Struct, frozen=True, array_like=True):
    """Who a node is, since when, until when, and by which keys it is known."""

    node_id: str
    registered_us: int
    revoked_us: int | None
    is_self_placing: bool
    keys: tuple[NodeKey, ...]


class Placement(Struct, frozen=True, array_like=True, gc=False):
    """An instance on a node, and who pays for it; `recorded_us` and `ended_us` are when that was written down."""

    instance_id: str
    user_id: str
    org_id: str | None
    since_us: int
    until_us: int | None
    recorded_us: int
    ended_us: int | None

    def holds_at(self, instant_us: int, received_us: int) -> bool:
        """Whether the instance was there at that instant, by what was written down when a message was received."""
        return (
            self.since_us <= instant_us
            and self.recorded_us <= received_us
            and (
                self.until_us is None
                or instant_us < self.until_us
                or (self.ended_us is not None and received_us < self.ended_us)
            )
        )


_LAST_WRITTEN = attrgetter("recorded_us", "since_us", "instance_id", "user_id")


class Placements(Struct, frozen=True, dict=True):
    """All that is and was on a node, found by instance; of one instance, what was written down last comes first."""

    each: list[Placement]

    @classmethod
    def of(cls, each: Iterable[Placement]) -> "Placements":
        """These, in the one order in which they are looked through, whatever the order in which they were told."""
        return cls(sorted(each, key=_LAST_WRITTEN, reverse=True))

    def __len__(self) -> int:
        return len(self.each)

    @cached_property
    def by_instance(self) -> dict[str, tuple[Placement, ...]]:
        found: dict[str, tuple[Placement, ...]] = {}
        for placement in self.each:
            before = found.get(placement.instance_id)
            found[placement.instance_id] = (placement,) if before is None else (*before, placement)
        return found

    def changes_us(self) -> Iterator[int]:
        """The instants at which it changes what is where."""
        for placement in self.each:
            yield placement.since_us
            if placement.until_us is not None:
                yield placement.until_us

    def recordings_us(self) -> Iterator[int]:
        """The instants at which it was written down."""
        for placement in self.each:
            yield placement.recorded_us
            if placement.ended_us is not None:
                yield placement.ended_us


class NodeFacts(Struct, frozen=True):
    """All that bears on what a node says."""

    identity: NodeIdentity
    placements: Placements


def facts_of(view: NodeFactsView) -> NodeFacts:
    """The facts that the view tells."""
    identity = NodeIdentity(
        view.node_id,
        microseconds_of(view.registered_at),
        None if view.revoked_at is None else microseconds_of(view.revoked_at),
        view.is_self_placing,
        tuple(map(_key_of, view.keys)),
    )
    return NodeFacts(identity, Placements.of(map(_placement_of, view.placements)))


def _key_of(view: NodeKeyView) -> NodeKey:
    until_us = None if view.valid_until is None else microseconds_of(view.valid_until)
    return NodeKey(view.id, view.public_key, microseconds_of(view.valid_from), until_us)


def _placement_of(view: PlacementFactsView) -> Placement:
    return Placement(
        view.instance_id,
        view.user_id,
        view.org_id,
        microseconds_of(view.since),
        None if view.until is None else microseconds_of(view.until),
        microseconds_of(view.recorded_at),
        None if view.ended_at is None else microseconds_of(view.ended_at),
    )
