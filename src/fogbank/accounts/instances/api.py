"""Routes of instances, and the one that sets an installation up."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StringConstraints

from fogbank.accounts.client import (
    InstanceProjectsView,
    InstancesView,
    InstanceTiersView,
    InstanceView,
    ProjectChangeView,
    SetupView,
    TierChangeView,
)
from fogbank.accounts.guards import READ, WRITE, After, Limit, next_cursor
from fogbank.accounts.instances.allocation import Allocation
from fogbank.accounts.instances.service import Instances
from fogbank.accounts.instances.setup import Setup
from fogbank.accounts.instances.store import Wanted
from fogbank.accounts.instances.tiers import Tiers
from fogbank.accounts.model import Instance
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Email, Id, Name

PAGE = 100
LABELS_MAX = 16

Tier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]

LABEL_KEY = r"[a-z0-9][a-z0-9_.-]{0,62}"
LABEL_VALUE = r"[^\x00-\x1f\x7f]{0,63}"
LabelKey = Annotated[str, StringConstraints(pattern=rf"^{LABEL_KEY}$")]
LabelValue = Annotated[str, StringConstraints(pattern=rf"^{LABEL_VALUE}$")]
LabelFilter = Annotated[str, StringConstraints(pattern=rf"^{LABEL_KEY}={LABEL_VALUE}$")]
ChangedSince = Annotated[int, Query(ge=0, le=2**63 - 1, description="The cursor of the last answer, or 0.")]


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
class ProjectChoice:
    """The project that the instance's costs shall belong to from now on; null for none."""

    project_id: Id | None


@dataclass(frozen=True, slots=True)
class NewLabels:
    """All labels that the instance shall have: up to 16, their keys of lower-case letters, digits and `_ . -`."""

    labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=LABELS_MAX)]


@dataclass(frozen=True, slots=True)
class Installation:
    """The first things of an installation; `instance_id` is this host's."""

    email: Email
    organization_name: Name
    instance_id: Id
    instance_name: Name


async def wanted_instances(
    account_id: Id | None = None,
    project_id: Id | None = None,
    label: Annotated[
        list[LabelFilter] | None,
        Query(max_length=LABELS_MAX, description="`key=value`, any number of times; all must match."),
    ] = None,
) -> Wanted:
    """Which instances a list is asked for."""
    labels = {key: value for key, _, value in (each.partition("=") for each in label or ())}
    return Wanted(None if account_id is None else {account_id}, project_id, labels)


def instance_routes(instances: Instances, tiers: Tiers, allocation: Allocation) -> APIRouter:
    router = APIRouter(prefix="/api/v1/instances", tags=["instances"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_instances(
        caller: CurrentCaller,
        wanted: Annotated[Wanted, Depends(wanted_instances)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> InstancesView:
        """The instances of the caller's accounts, in pages by id."""
        found = await instances.visible(caller, wanted, after, limit)
        return InstancesView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_instance(body: NewInstance, caller: CurrentCaller) -> InstanceView:
        """Make an instance known and say whose it is. The same again is answered as the first time."""
        return _view(await instances.create_once(caller, body.id, body.name, body.user_id, body.org_id))

    _add_following_routes(router, tiers, allocation)

    @router.put("/{instance_id}/tier", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def put_tier(instance_id: Id, body: NewTier, administrator: AdministratorCaller) -> InstanceView:
        """For administrators: put an instance into a resource tier from now on. The same again changes nothing."""
        return _view(await tiers.put(administrator, instance_id, body.tier, body.reason))

    @router.get("/{instance_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_instance(instance_id: Id, caller: CurrentCaller) -> InstanceView:
        """An instance: whose it is, its tier, its project and its labels."""
        return _view(await instances.instance(caller, instance_id))

    _add_allocation_routes(router, allocation)
    return router


def _add_following_routes(router: APIRouter, tiers: Tiers, allocation: Allocation) -> None:
    @router.get("/tiers", responses=problem_responses(401, 404))
    async def read_tiers(
        _service: ServiceCaller, changed_since: ChangedSince = 0, limit: Limit = PAGE
    ) -> InstanceTiersView:
        """For services: which instance came into which tier when, of the changes after the cursor, oldest first."""
        changes = await tiers.changes(changed_since, limit)
        return InstanceTiersView(
            changes=[TierChangeView(each.change, each.instance_id, each.tier, each.since) for each in changes],
            cursor=changes[-1].change if changes else changed_since,
        )

    @router.get("/projects", responses=problem_responses(401, 404))
    async def read_projects(
        _service: ServiceCaller, changed_since: ChangedSince = 0, limit: Limit = PAGE
    ) -> InstanceProjectsView:
        """For services: which instance came into which project when, of the changes after the cursor, oldest first."""
        changes = await allocation.changes(changed_since, limit)
        return InstanceProjectsView(
            changes=[ProjectChangeView(each.change, each.instance_id, each.project_id, each.since) for each in changes],
            cursor=changes[-1].change if changes else changed_since,
        )


def _add_allocation_routes(router: APIRouter, allocation: Allocation) -> None:
    @router.put("/{instance_id}/project", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def put_project(
        instance_id: Id, body: ProjectChoice, caller: CurrentCaller, reason: GivenReason
    ) -> InstanceView:
        """Allocate an instance's costs to a project of its organisation from now on, or to none."""
        return _view(await allocation.put(caller, instance_id, body.project_id, reason))

    @router.put("/{instance_id}/labels", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def put_labels(instance_id: Id, body: NewLabels, caller: CurrentCaller, reason: GivenReason) -> InstanceView:
        """Give an instance exactly these labels."""
        return _view(await allocation.label(caller, instance_id, body.labels, reason))


def setup_routes(setup: Setup) -> APIRouter:
    router = APIRouter(prefix="/api/v1/setup", tags=["setup"], dependencies=REFUSALS)

    @router.post("", responses=problem_responses(401, 404, 409))
    async def install(body: Installation, _service: ServiceCaller) -> SetupView:
        """For services: the first administrator, organisation and instance of a new network, once."""
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
        project_id=instance.project_id,
        labels=dict(instance.labels),
    )
