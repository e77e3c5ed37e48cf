"""The routes of the current usage."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response

from fogbank.compute.client.current import INSTANCES_MAX, INSTANCES_USUAL, USAGE_PATH, Activity, CurrentUsage
from fogbank.compute.current.examples import CURRENT
from fogbank.compute.current.service import CurrentUsageService, NoSuchThing
from fogbank.kernel.ids import ID_PATTERN
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.http.describing import example
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import not_found

SCOPE = "usage:read"
REFUSALS = problem_responses(401, 403, 404)
_PATTERN = f"^{ID_PATTERN.pattern}$"

Id = Annotated[str, Path(pattern=_PATTERN, description="An id as the network gives it.")]
After = Annotated[str | None, Query(pattern=_PATTERN, description="List the instances after this one.")]
Limit = Annotated[int, Query(ge=1, le=INSTANCES_MAX, description="How many instances to list at most.")]


def current_routes(service: CurrentUsageService) -> APIRouter:
    """What instances, users and organisations use now."""
    router = APIRouter(prefix=USAGE_PATH, tags=["usage"], dependencies=[Depends(require_scope(SCOPE))])

    @router.get(
        "/instances/{instance_id}/current",
        response_model=CurrentUsage,
        responses={**problem_responses(401, 403, 404), **example(CURRENT)},
    )
    async def read_instance_current(instance_id: Id, caller: CurrentCaller) -> Response:
        """The latest reading of one instance, its rates and its age."""
        with _not_found():
            return _answer(service.instance_current(caller, instance_id))

    @router.get("/users/{user_id}/current", response_model=CurrentUsage, responses=REFUSALS)
    async def read_user_current(
        user_id: Id, caller: CurrentCaller, after: After = None, limit: Limit = INSTANCES_USUAL
    ) -> Response:
        """What a user's instances use now: summed over all of them, and listed by page."""
        with _not_found():
            return _answer(service.user_current(caller, user_id, after, limit))

    @router.get(
        "/organizations/{org_id}/current", response_model=CurrentUsage, responses=problem_responses(401, 403, 404)
    )
    async def read_organization_current(
        org_id: Id, caller: CurrentCaller, after: After = None, limit: Limit = INSTANCES_USUAL
    ) -> Response:
        """What an organisation's instances use now: summed over all of them, and listed by page."""
        with _not_found():
            return _answer(service.organization_current(caller, org_id, after, limit))

    @router.get("/activity", responses=problem_responses(401, 403))
    async def read_activity(caller: CurrentCaller) -> Activity:
        """How many readings of the caller's accounts come in."""
        return service.activity(caller)

    return router


def _answer(usage: CurrentUsage) -> Response:
    # Written as it is: checking a thousand instances once more would take most of the time of an answer.
    return Response(msgspec.json.encode(usage), media_type="application/json")


@contextmanager
def _not_found() -> Iterator[None]:
    try:
        yield
    except NoSuchThing as missing:
        raise not_found(missing.what, missing.identifier) from missing
