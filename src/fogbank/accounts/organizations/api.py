"""Routes of organisations and their members."""

from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.client import MemberView, OrganizationsView, OrganizationView
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.model import Organization, Role, Status
from fogbank.accounts.organizations.service import Member, Organizations
from fogbank.accounts.refusals import REFUSALS
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id, Name

PAGE = 100


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """An organisation to make; its maker owns it."""

    name: Name


@dataclass(frozen=True, slots=True)
class OrganizationChange:
    """What to change; what is not given stays."""

    name: Name | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """The role that somebody shall have."""

    role: Role


def organization_routes(organizations: Organizations) -> APIRouter:
    router = APIRouter(prefix="/api/v1/organizations", tags=["organisations"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_organizations(caller: CurrentCaller, after: After = "", limit: Limit = PAGE) -> OrganizationsView:
        found = await organizations.visible(caller, after, limit)
        return OrganizationsView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403))
    async def create_organization(body: NewOrganization, caller: UserCaller) -> OrganizationView:
        return _view(await organizations.create(caller, body.name))

    @router.get("/{org_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_organization(org_id: Id, caller: CurrentCaller) -> OrganizationView:
        return _view(await organizations.organization(caller, org_id))

    @router.patch("/{org_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def change_organization(org_id: Id, body: OrganizationChange, caller: CurrentCaller) -> OrganizationView:
        return _view(await organizations.change(caller, org_id, name=body.name, status=body.status))

    @router.get("/{org_id}/members", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_members(org_id: Id, caller: CurrentCaller) -> list[MemberView]:
        return [_member_view(member) for member in await organizations.members(caller, org_id)]

    @router.put("/{org_id}/members/{user_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def set_member(org_id: Id, user_id: Id, body: MemberChange, caller: CurrentCaller) -> MemberView:
        return _member_view(await organizations.set_member(caller, org_id, user_id, body.role))

    @router.delete(
        "/{org_id}/members/{user_id}",
        status_code=204,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404, 409),
    )
    async def remove_member(org_id: Id, user_id: Id, caller: CurrentCaller) -> None:
        await organizations.remove_member_once(caller, org_id, user_id)

    return router


def _view(organization: Organization) -> OrganizationView:
    return OrganizationView(organization.id, organization.name, organization.status, organization.created_at)


def _member_view(member: Member) -> MemberView:
    user, membership = member.user, member.membership
    return MemberView(user.id, user.name, user.email, membership.role, user.status, membership.created_at)
