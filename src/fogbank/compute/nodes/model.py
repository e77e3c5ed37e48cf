"""Nodes, keys, tokens and placements, as they are stored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NodeKey:
    """A public key (base64) of a node, and from when until when it holds; `id` is its short name."""

    id: str
    node_id: str
    public_key: str
    valid_from: datetime
    valid_until: datetime | None

    def holds_at(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class Node:
    """A host and who runs it. `change` is the number of the last change of it, its keys or its placements."""

    id: str
    operator_id: str
    is_self_placing: bool
    registered_at: datetime
    revoked_at: datetime | None
    revoke_reason: str | None
    change: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a one-time token stands for. `used_by` is the id of the key that it was used for."""

    node_id: str | None
    operator_id: str
    is_self_placing: bool
    made_by: str
    expires_at: datetime
    used_at: datetime | None = None
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """What a placement says: an instance, on a node, whose it is, and its resource tier."""

    instance_id: str
    node_id: str
    user_id: str
    org_id: str | None
    tier: str


@dataclass(frozen=True, slots=True)
class Placement:
    """An instance on a node, from `since` until `until`; `recorded_at` and `ended_at` are when that was written down.

    `is_self_placed`: nobody placed it; it was seen on a node that places itself.
    """

    id: int
    instance_id: str
    node_id: str
    user_id: str
    org_id: str | None
    tier: str
    is_self_placed: bool
    since: datetime
    until: datetime | None
    recorded_at: datetime
    ended_at: datetime | None

    def says(self, where: Where) -> bool:
        """Whether it is what somebody wants to place."""
        return (
            not self.is_self_placed
            and self.until is None
            and where == Where(self.instance_id, self.node_id, self.user_id, self.org_id, self.tier)
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading's owner, as it names them, of an instance on a node that places itself."""

    node_id: str
    instance_id: str
    user_id: str
    org_id: str | None
