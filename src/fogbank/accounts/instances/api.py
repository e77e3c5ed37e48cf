"""Routes of instances, and the one that sets an installation up."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from fogbank.accounts.client import InstancesView, InstanceTiersView, InstanceView, SetupView, TierChangeView
from fogbank.accounts.guards import READ, WRITE, After, Limit, next_cursor
from fogbank.accounts.instances.service import Instances
from fogbank.accounts.instances.setup import Setup
from fogbank.accounts.instances.tiers import Tiers
from fogbank.accounts.model import Instance
from fogbank.accounts.refusals import REFUSALS
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Email, Id, Name

PAGE = 100

Tier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance to register: whose it is, and which organisation pays, if one does."""

    id: Id
    name: Name
    user_id: Id
    org_id: Id | None = None


@dataclass(frozen=True, slots=True)
class NewTier:
    """The resource tier to put an instance into, 1 to 32 of lower-case letters, digits, _ and -, and why."""

    tier: Tier
    reason: Reason


@dataclass(frozen=True, slots=True)
class Installation:
    """The first things of an installation; `instance_id` is this host's."""

    email: Email
    organization_name: Name
    instance_id: Id
    instance_name: Name


def instance_routes(instances: Instances, tiers: Tiers) -> APIRouter:
    router = APIRouter(prefix="/api/v1/instances", tags=["instances"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_instances(
        caller: CurrentCaller, account_id: Id | None = None, after: After = "", limit: Limit = PAGE
    ) -> InstancesView:
        found = await instances.visible(caller, account_id, after, limit)
        return InstancesView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_instance(body: NewInstance, caller: CurrentCaller) -> InstanceView:
        return _view(await instances.create_once(caller, body.id, body.name, body.user_id, body.org_id))

    @router.get("/tiers", responses=problem_responses(401, 404))
    async def read_tiers(
        _service: ServiceCaller,
        changed_since: Annotated[
            int, Query(ge=0, le=2**63 - 1, description="The cursor of the last answer, or 0.")
        ] = 0,
        limit: Limit = PAGE,
    ) -> InstanceTiersView:
        """For services: which instance came into which tier when, of the changes after the cursor, oldest first."""
        changes = await tiers.changes(changed_since, limit)
        return InstanceTiersView(
            changes=[TierChangeView(each.change, each.instance_id, each.tier, each.since) for each in changes],
            cursor=changes[-1].change if changes else changed_since,
        )

    @router.put("/{instance_id}/tier", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def put_tier(instance_id: Id, body: NewTier, administrator: AdministratorCaller) -> InstanceView:
        """For administrators: put an instance into a resource tier from now on. The same again changes nothing."""
        return _view(await tiers.put(administrator, instance_id, body.tier, body.reason))

    @router.get("/{instance_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_instance(instance_id: Id, caller: CurrentCaller) -> InstanceView:
        return _view(await instances.instance(caller, instance_id))

    return router


def setup_routes(setup: Setup) -> APIRouter:
    router = APIRouter(prefix="/api/v1/setup", tags=["setup"], dependencies=REFUSALS)

    @router.post("", responses=problem_responses(401, 404, 409))
    async def install(body: Installation, _service: ServiceCaller) -> SetupView:
        installed = await setup.install_once(body.email, body.organization_name, body.instance_id, body.instance_name)
        return SetupView(
            user_id=installed.user.id,
            org_id=installed.org_id,
            instance_id=installed.instance_id,
            email=installed.user.email,
            sign_in_token=installed.sign_in_token,
            password=installed.password,
        )

    return router


def _view(instance: Instance) -> InstanceView:
    return InstanceView(
        id=instance.id,
        name=instance.name,
        account_id=instance.account_id,
        user_id=instance.user_id,
        org_id=instance.org_id,
        created_at=instance.created_at,
        tier=instance.tier,
    )
