"""Routes of instances, and the one that sets an installation up."""

from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.api.guards import READ, WRITE, After, Limit, next_cursor
from fogbank.accounts.api.refusals import REFUSALS
from fogbank.accounts.client import InstancesView, InstanceView, SetupView
from fogbank.accounts.instances import Instances
from fogbank.accounts.model import Instance
from fogbank.accounts.setup import Setup
from fogbank.runtime.http.caller import CurrentCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Email, Id, Name

PAGE = 100


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance to register: whose it is, and which organisation pays, if one does."""

    id: Id
    name: Name
    user_id: Id
    org_id: Id | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """The first things of an installation; `instance_id` is this host's."""

    email: Email
    organization_name: Name
    instance_id: Id
    instance_name: Name


def instance_routes(instances: Instances) -> APIRouter:
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
        instance.id, instance.name, instance.account_id, instance.user_id, instance.org_id, instance.created_at
    )
