"""Routes of nodes: registration and keys, for nodes; the rest for who runs them, administrators and services."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from fogbank.compute.client.nodes import (
    NODES_PATH,
    NODES_PER_PAGE,
    NodeChangesView,
    NodesView,
    NodeTokenView,
    NodeView,
    RegistrationView,
)
from fogbank.compute.nodes.admitting import Newcomer
from fogbank.compute.nodes.api.bodies import NewKey, NewNode, NewRegistration, NewToken, Revocation
from fogbank.compute.nodes.api.refusals import REFUSALS
from fogbank.compute.nodes.facts import NodeFactsOf, key_view
from fogbank.compute.nodes.keeping import NodeKeeping, Rotation
from fogbank.compute.nodes.keys import PublicKey
from fogbank.compute.nodes.model import Node, NodeKey
from fogbank.compute.nodes.registering import Registering, Registration
from fogbank.queue.client import usage_subject
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, ServiceCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.runtime.queue_credentials import inbox_prefix

PAGE = 100
READ = [Depends(require_scope("nodes:read"))]
WRITE = [Depends(require_scope("nodes:write"))]

After = Annotated[str, Query(max_length=128, pattern=r"^[A-Za-z0-9_.:-]*$", description="The last id already seen.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Cursor = Annotated[int, Query(ge=0, le=2**63 - 1, description="The cursor of the last answer, or 0.")]


@dataclass(frozen=True, slots=True)
class Told:
    """What registered nodes are told of the queue: where it is, and how often they report."""

    queue_url: str
    interval_seconds: int

    def view(self, key: NodeKey) -> RegistrationView:
        return RegistrationView(
            node_id=key.node_id,
            key_id=key.id,
            queue_url=self.queue_url,
            inbox_prefix=inbox_prefix(key.node_id),
            subject=usage_subject(key.node_id),
            interval_seconds=self.interval_seconds,
        )


def registration_routes(registering: Registering, keeping: NodeKeeping, told: Told) -> APIRouter:
    """How nodes come, and how they change their keys."""
    router = APIRouter(prefix=NODES_PATH, tags=["nodes"], dependencies=REFUSALS)

    @router.post("/tokens", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_token(body: NewToken, administrator: AdministratorCaller) -> NodeTokenView:
        """For administrators: a one-time token that a node registers with, shown this once."""
        token, made = await registering.invite(
            administrator,
            body.operator_id,
            node_id=body.node_id,
            is_self_placing=body.is_self_placing,
            valid_for=timedelta(seconds=body.valid_seconds),
            reason=body.reason,
        )
        return NodeTokenView(token, made.node_id, made.operator_id, made.is_self_placing, made.expires_at)

    @router.post("/register", status_code=201, responses=problem_responses(401, 409, 429))
    async def register_node(body: NewRegistration, request: Request) -> RegistrationView:
        """For nodes, who have nothing to show yet but a token: register a key. Again with the same is the same."""
        shown = Registration(body.token, body.node_id, PublicKey.read(body.public_key), body.proof)
        return told.view(await registering.register(shown, _address(request)))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_node(body: NewNode, administrator: AdministratorCaller) -> RegistrationView:
        """For administrators and services: register a node without a token. The same again changes nothing; another key
        takes the place of the old ones at once.
        """
        newcomer = Newcomer(body.id, PublicKey.read(body.public_key), body.operator_id, body.is_self_placing)
        return told.view(await registering.register_directly(administrator, newcomer, body.reason))

    @router.post("/{node_id}/keys", status_code=201, responses=problem_responses(401, 409, 429))
    async def rotate_key(node_id: Id, body: NewKey, request: Request) -> RegistrationView:
        """For nodes: another key, signed for by the present one, which holds for a day more."""
        rotation = Rotation(body.key_id, PublicKey.read(body.public_key), body.signature, body.proof)
        return told.view(await keeping.rotate(node_id, rotation, _address(request)))

    return router


def node_routes(keeping: NodeKeeping, facts: NodeFactsOf) -> APIRouter:
    """Nodes as people and services see them."""
    router = APIRouter(prefix=NODES_PATH, tags=["nodes"], dependencies=REFUSALS)

    @router.get("/changes", responses=problem_responses(401, 404))
    async def read_changes(
        _service: ServiceCaller, changed_since: Cursor = 0, limit: Limit = NODES_PER_PAGE
    ) -> NodeChangesView:
        """For services: the nodes of which something changed after the cursor, with all that bears on what they say."""
        return await facts.changes(changed_since, limit)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_nodes(caller: CurrentCaller, after: After = "", limit: Limit = PAGE) -> NodesView:
        """The nodes that the caller runs; all of them, for administrators."""
        found = [_view(*each) for each in await keeping.visible(caller, after, limit)]
        return NodesView(found, found[-1].id if len(found) == limit else None)

    @router.get("/{node_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_node(node_id: Id, caller: CurrentCaller) -> NodeView:
        """A host: who runs it, by which keys it is known, and since when."""
        return _view(*await keeping.node(caller, node_id))

    @router.post("/{node_id}/revoke", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def revoke_node(node_id: Id, body: Revocation, administrator: AdministratorCaller) -> NodeView:
        """For administrators: believe the node no longer, for ever, and cut its connection."""
        return _view(*await keeping.revoke(administrator, node_id, body.reason))

    return router


def _view(node: Node, keys: list[NodeKey]) -> NodeView:
    return NodeView(
        id=node.id,
        operator_id=node.operator_id,
        is_self_placing=node.is_self_placing,
        registered_at=node.registered_at,
        revoked_at=node.revoked_at,
        revoke_reason=node.revoke_reason,
        keys=[key_view(key) for key in keys],
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
