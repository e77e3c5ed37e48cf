"""Routes of placements: services and administrators write them, who pays or runs the node reads them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from fogbank.compute.client.nodes import PLACEMENTS_PATH, PlacementsView, PlacementView
from fogbank.compute.nodes.api.bodies import NewPlacement, PlacementEnd
from fogbank.compute.nodes.api.refusals import REFUSALS
from fogbank.compute.nodes.configuring import Configuring
from fogbank.compute.nodes.model import Placement
from fogbank.compute.nodes.placing import Placing, Wish
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id

PAGE = 100
READ = [Depends(require_scope("nodes:read"))]
WRITE = [Depends(require_scope("nodes:write"))]

After = Annotated[int, Query(ge=0, le=2**63 - 1, description="The last number already seen.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The placement's number.")]


def placement_routes(placing: Placing, configuring: Configuring) -> APIRouter:
    router = APIRouter(prefix=PLACEMENTS_PATH, tags=["nodes"], dependencies=REFUSALS)

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def place_instance(body: NewPlacement, administrator: AdministratorCaller) -> PlacementView:
        """For administrators and services: an instance is on a node. The same again is the same answer; where it is
        elsewhere, 409, unless it moves.
        """
        wish = Wish(
            instance_id=body.instance_id,
            node_id=body.node_id,
            user_id=body.user_id,
            org_id=body.org_id,
            tier=body.tier,
            since=body.since,
            moves=body.moves,
        )
        placed = await placing.place(administrator, wish, body.reason)
        configuring.node_changed()
        return _view(placed)

    @router.post("/{placement_id}/end", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def end_placement(
        placement_id: Number, body: PlacementEnd, administrator: AdministratorCaller
    ) -> PlacementView:
        """For administrators and services: the instance is there no longer. Once; later calls show how it ended."""
        ended = await placing.end(administrator, placement_id, body.until, body.reason)
        configuring.node_changed()
        return _view(ended)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_placements(
        caller: CurrentCaller,
        *,
        node_id: Id | None = None,
        instance_id: Id | None = None,
        account_id: Id | None = None,
        only_now: Annotated[bool, Query(description="Only what is there now.")] = False,
        after: After = 0,
        limit: Limit = PAGE,
    ) -> PlacementsView:
        """What the caller pays for, and what is on nodes that they run; all of it, for administrators."""
        found = await placing.visible(
            caller,
            node_id=node_id,
            instance_id=instance_id,
            account_id=account_id,
            only_now=only_now,
            after=after,
            limit=limit,
        )
        return PlacementsView([_view(each) for each in found], found[-1].id if len(found) == limit else None)

    @router.get("/{placement_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_placement(placement_id: Number, caller: CurrentCaller) -> PlacementView:
        """A placement: which instance is on which node, since when and until when."""
        return _view(await placing.placement(caller, placement_id))

    return router


def _view(placement: Placement) -> PlacementView:
    return PlacementView(
        id=placement.id,
        instance_id=placement.instance_id,
        node_id=placement.node_id,
        user_id=placement.user_id,
        org_id=placement.org_id,
        tier=placement.tier,
        is_self_placed=placement.is_self_placed,
        since=placement.since,
        until=placement.until,
        recorded_at=placement.recorded_at,
        ended_at=placement.ended_at,
    )
