"""Routes of organisations and their members."""

from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.client import BelongingView, MemberView, OrganizationsView, OrganizationView, SecondFactorView
from fogbank.accounts.client.permissions import role_while
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.model import Organization, Role
from fogbank.accounts.organizations.members import Members
from fogbank.accounts.organizations.model import Belonging, Member
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.accounts.organizations.rules import locks_out
from fogbank.accounts.organizations.service import Organizations
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

PAGE = 100
READING = problem_responses(401, 403, 404)
CHANGING = problem_responses(401, 403, 404, 409)


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """An organisation to make; its maker owns it."""

    name: Name


@dataclass(frozen=True, slots=True)
class OrganizationChange:
    """What it shall be called."""

    name: Name


@dataclass(frozen=True, slots=True)
class MemberChange:
    """The role that somebody shall have."""

    role: Role


@dataclass(frozen=True, slots=True)
class SecondFactorChange:
    """Whether everybody in it shall need a second factor."""

    is_required: bool


def organization_routes(organizations: Organizations, members: Members) -> APIRouter:
    router = APIRouter(prefix="/api/v1/organizations", tags=["organisations"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_organizations(caller: CurrentCaller, after: After = "", limit: Limit = PAGE) -> OrganizationsView:
        """The caller's organisations, those left out in which they cannot act now; `/memberships` has all."""
        found = await organizations.visible(caller, after, limit)
        return OrganizationsView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403))
    async def create_organization(body: NewOrganization, caller: UserCaller) -> OrganizationView:
        """Make an organisation and own it. The caller's next token knows it."""
        return _view(await organizations.create(caller, body.name))

    @router.get("/{org_id}", dependencies=READ, responses=READING)
    async def read_organization(org_id: Id, caller: CurrentCaller) -> OrganizationView:
        """An organisation: its name and its standing."""
        return _view(await organizations.organization(caller, org_id))

    @router.patch("/{org_id}", dependencies=WRITE, responses=CHANGING)
    async def change_organization(
        org_id: Id, body: OrganizationChange, caller: CurrentCaller, reason: GivenReason
    ) -> OrganizationView:
        """Give an organisation another name."""
        return _view(await organizations.rename(caller, org_id, body.name, reason))

    _add_member_routes(router, members)
    _add_second_factor_routes(router, organizations)
    return router


def _add_member_routes(router: APIRouter, members: Members) -> None:
    @router.get("/{org_id}/members", dependencies=READ, responses=READING)
    async def list_members(org_id: Id, caller: CurrentCaller) -> list[MemberView]:
        """Everybody in the organisation, and in which role."""
        return [_member_view(member) for member in await members.of(caller, org_id)]

    @router.put("/{org_id}/members/{user_id}", dependencies=WRITE, responses=CHANGING)
    async def set_member(
        org_id: Id, user_id: Id, body: MemberChange, caller: CurrentCaller, reason: GivenReason
    ) -> MemberView:
        """Give a member another role. Who is no member yet is invited; administrators and services put people in."""
        return _member_view(await members.set(caller, org_id, user_id, body.role, reason))

    @router.delete("/{org_id}/members/{user_id}", status_code=204, dependencies=WRITE, responses=CHANGING)
    async def remove_member(org_id: Id, user_id: Id, caller: CurrentCaller, reason: GivenReason) -> None:
        """Take somebody out, or leave."""
        await members.remove_once(caller, org_id, user_id, reason)


def _add_second_factor_routes(router: APIRouter, organizations: Organizations) -> None:
    @router.get("/{org_id}/second-factor", dependencies=READ, responses=READING)
    async def read_second_factor(org_id: Id, caller: CurrentCaller) -> SecondFactorView:
        """Whether it requires a second factor, and the members without one, whom it is closed to or would be."""
        return await _second_factor(organizations, caller, org_id)

    @router.put("/{org_id}/second-factor", dependencies=WRITE, responses=CHANGING)
    async def require_second_factor(
        org_id: Id, body: SecondFactorChange, caller: CurrentCaller, reason: GivenReason
    ) -> SecondFactorView:
        """Close it to members without a second factor until they have one, or open it again."""
        await organizations.require_second_factor(caller, org_id, reason, is_required=body.is_required)
        return await _second_factor(organizations, caller, org_id)


async def _second_factor(organizations: Organizations, caller: CurrentCaller, org_id: str) -> SecondFactorView:
    without = await organizations.without_second_factor(caller, org_id)
    organization = await organizations.organization(caller, org_id)
    return SecondFactorView(organization.requires_second_factor, without)


def membership_routes(organizations: Organizations) -> APIRouter:
    router = APIRouter(prefix="/api/v1/memberships", tags=["organisations"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_memberships(caller: UserCaller) -> list[BelongingView]:
        """What the caller is in each of their organisations, and whether they can act there now; by id."""
        belongings, has_factor = await organizations.belongings(caller)
        return [_belonging_view(each, has_second_factor=has_factor) for each in belongings]

    return router


def _view(organization: Organization) -> OrganizationView:
    return OrganizationView(
        id=organization.id,
        name=organization.name,
        status=organization.status,
        created_at=organization.created_at,
        requires_second_factor=organization.requires_second_factor,
    )


def _member_view(member: Member) -> MemberView:
    user, membership = member.user, member.membership
    return MemberView(user.id, user.name, user.email, membership.role, user.status, membership.created_at)


def _belonging_view(belonging: Belonging, *, has_second_factor: bool) -> BelongingView:
    is_locked_out = locks_out(belonging, has_second_factor=has_second_factor)
    return BelongingView(
        org_id=belonging.org_id,
        name=belonging.name,
        role=belonging.role,
        status=belonging.status,
        counts_as=None if is_locked_out else role_while(belonging.role, belonging.status),
        needs_second_factor=is_locked_out,
    )
