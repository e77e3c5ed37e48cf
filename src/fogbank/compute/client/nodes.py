"""What is known of nodes: for those who judge what nodes say, and for people who run or use them; with a client.

Whoever judges a reading does it by what was recorded when the queue received it, so that the same reading judged again,
a year later, gets the same verdict. For that, every fact says when it was recorded, and an answer says as of when it is
complete: `as_of` later than a message's `received_at` means that nothing is missing that could bear on it.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp

NODES_PATH = "/api/v1/nodes"
PLACEMENTS_PATH = "/api/v1/placements"
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
class NodeView:
    """A host: who runs it, by which keys it is known, and since when; revoked ones stay listed."""

    id: str
    operator_id: str
    is_self_placing: bool
    registered_at: datetime
    revoked_at: datetime | None
    revoke_reason: str | None
    keys: list[NodeKeyView]


@dataclass(frozen=True, slots=True)
class NodesView:
    """A page of nodes, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    nodes: list[NodeView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class NodeTokenView:
    """A one-time token that a node registers with: shown this once, good until `expires_at`."""

    token: str
    node_id: str | None
    operator_id: str
    is_self_placing: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """What a registered node needs to send: where the queue is, its own subject there, and how often it reports.

    `queue_url` may name several servers of a cluster, with commas between them; empty where the operator tells.
    """

    node_id: str
    key_id: str
    queue_url: str
    inbox_prefix: str
    subject: str
    interval_seconds: int


@dataclass(frozen=True, slots=True)
class PlacementView:
    """An instance on a node: from `since`, included, until `until`, excluded; still there where that is null.

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


@dataclass(frozen=True, slots=True)
class PlacementsView:
    """A page of placements, by number; `next_cursor` is the `after` of the next page, or null at the end."""

    placements: list[PlacementView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class NodesClient:
    """Asks compute about nodes and placements. Someone else's is a `Problem` 404."""

    service: ServiceHttp

    async def changes(self, changed_since: int, limit: int = NODES_PER_PAGE) -> NodeChangesView:
        """Of which nodes something changed after `changed_since`; 0 for all nodes. For services only."""
        params = {"changed_since": changed_since, "limit": limit}
        return await self.service.get(f"{NODES_PATH}/changes", params=params, as_=NodeChangesView)

    async def nodes(self, *, after: str | None = None, limit: int | None = None) -> NodesView:
        """A page of the nodes that the caller runs, or of all."""
        return await self.service.get(NODES_PATH, params={"after": after, "limit": limit}, as_=NodesView)

    async def node(self, node_id: str) -> NodeView:
        return await self.service.get(f"{NODES_PATH}/{node_id}", as_=NodeView)

    async def invite(
        self,
        operator_id: str,
        *,
        node_id: str | None = None,
        is_self_placing: bool = False,
        valid_seconds: int | None = None,
        reason: str | None = None,
    ) -> NodeTokenView:
        """A one-time token for a node that `operator_id` runs. Administrators only."""
        optional = {} if valid_seconds is None else {"valid_seconds": valid_seconds}
        body = {
            "operator_id": operator_id,
            "node_id": node_id,
            "is_self_placing": is_self_placing,
            "reason": reason,
            **optional,
        }
        return await self.service.post(f"{NODES_PATH}/tokens", body, as_=NodeTokenView)

    async def register(self, *, token: str, node_id: str, public_key: str, proof: str) -> RegistrationView:
        """Register by a token; `proof` is `registration_proof` of the private key. Needs no caller."""
        body = {"token": token, "node_id": node_id, "public_key": public_key, "proof": proof}
        return await self.service.post(f"{NODES_PATH}/register", body, as_=RegistrationView)

    async def register_directly(
        self, *, node_id: str, public_key: str, operator_id: str, is_self_placing: bool, reason: str | None = None
    ) -> RegistrationView:
        """Register a node without a token; another key takes the place of its old ones. Services and administrators."""
        body = {
            "id": node_id,
            "public_key": public_key,
            "operator_id": operator_id,
            "is_self_placing": is_self_placing,
            "reason": reason,
        }
        return await self.service.post(NODES_PATH, body, as_=RegistrationView)

    async def rotate(
        self, node_id: str, *, key_id: str, public_key: str, signature: str, proof: str
    ) -> RegistrationView:
        """Give a node another key; both sign, see `rotation_text`. Needs no caller."""
        body = {"key_id": key_id, "public_key": public_key, "signature": signature, "proof": proof}
        return await self.service.post(f"{NODES_PATH}/{node_id}/keys", body, as_=RegistrationView)

    async def revoke(self, node_id: str, reason: str) -> NodeView:
        """Believe a node no longer, for ever. Administrators only."""
        return await self.service.post(f"{NODES_PATH}/{node_id}/revoke", {"reason": reason}, as_=NodeView)

    async def place(
        self,
        *,
        instance_id: str,
        node_id: str,
        user_id: str,
        org_id: str | None = None,
        tier: str | None = None,
        since: datetime | None = None,
        moves: bool = False,
        reason: str | None = None,
    ) -> PlacementView:
        """Write down that an instance is on a node; with `moves`, no longer where it was. Services, administrators."""
        body = {
            "instance_id": instance_id,
            "node_id": node_id,
            "user_id": user_id,
            "org_id": org_id,
            "tier": tier,
            "since": since,
            "moves": moves,
            "reason": reason,
        }
        return await self.service.post(PLACEMENTS_PATH, body, as_=PlacementView)

    async def end_placement(
        self, placement_id: int, *, until: datetime | None = None, reason: str | None = None
    ) -> PlacementView:
        """Write down that an instance is there no longer. Services and administrators."""
        body = {"until": until, "reason": reason}
        return await self.service.post(f"{PLACEMENTS_PATH}/{placement_id}/end", body, as_=PlacementView)

    async def placements(
        self,
        *,
        node_id: str | None = None,
        instance_id: str | None = None,
        account_id: str | None = None,
        only_now: bool = False,
        after: int | None = None,
        limit: int | None = None,
    ) -> PlacementsView:
        """A page of the placements that the caller pays for or that are on nodes that they run, or of all."""
        params = {
            "node_id": node_id,
            "instance_id": instance_id,
            "account_id": account_id,
            "only_now": only_now,
            "after": after,
            "limit": limit,
        }
        return await self.service.get(PLACEMENTS_PATH, params=params, as_=PlacementsView)
