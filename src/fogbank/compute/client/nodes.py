"""What is known of nodes, for those who judge what nodes say: their keys, whether they are revoked, what is on them.

Whoever judges a reading does it by what was recorded when the queue received it, so that the same reading judged again,
a year later, gets the same verdict. For that, every fact says when it was recorded, and an answer says as of when it is
complete: `as_of` later than a message's `received_at` means that nothing is missing that could bear on it.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp

NODES_PATH = "/api/v1/nodes"
NODES_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class NodeKeyView:
    """A public key of a node: Ed25519, 32 bytes in base64. Batches received from `valid_from` on, and before
    `valid_until` where there is one, may be signed with it; a rotation lets two overlap.
    """

    id: str
    public_key: str
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class PlacementFactsView:
    """An instance on a node: from `since`, included, until `until`, excluded; still there where that is null.

    Readings of it are billed to `user_id`, or to `org_id` where there is one. `recorded_at` and `ended_at` are when the
    placement and its end were written down, which is what counts for a message that was received earlier.
    """

    instance_id: str
    user_id: str
    org_id: str | None
    tier: str
    since: datetime
    until: datetime | None
    recorded_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NodeFactsView:
    """All that bears on what a node says.

    `is_self_placing`: what runs there and has no placement registers itself, owned by whom its readings name, as on a
    machine that measures itself. Elsewhere such readings are set aside. `placements` are those that still hold, and
    those that ended within the days that the queue keeps readings.
    """

    node_id: str
    registered_at: datetime
    revoked_at: datetime | None
    is_self_placing: bool
    keys: list[NodeKeyView]
    placements: list[PlacementFactsView]


@dataclass(frozen=True, slots=True)
class NodeChangesView:
    """Nodes of which something changed after a cursor, each with all its facts, oldest change first.

    Complete as of `as_of` where `is_complete`; otherwise ask again with `cursor` at once.
    """

    nodes: list[NodeFactsView]
    cursor: int
    as_of: datetime
    is_complete: bool


@dataclass(frozen=True, slots=True)
class NodesClient:
    """Asks compute about nodes. For services only."""

    service: ServiceHttp

    async def changes(self, changed_since: int, limit: int = NODES_PER_PAGE) -> NodeChangesView:
        """Of which nodes something changed after `changed_since`; 0 for all nodes."""
        params = {"changed_since": changed_since, "limit": limit}
        return await self.service.get(f"{NODES_PATH}/changes", params=params, as_=NodeChangesView)
