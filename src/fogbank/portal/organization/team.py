"""The organisation that is open, and what the person who looks may do in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from fogbank.accounts.client import MemberView, OrganizationView, Permission, Role, allows
from fogbank.accounts.client.projects import ProjectsClient
from fogbank.accounts.client.teams import TeamsClient
from fogbank.kernel.ids import is_id
from fogbank.portal.rules.roles import who_may
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem, not_found

COMPONENT = "Accounts"
PATH = "/organization"
FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Team:
    """An organisation, who is in it, and who looks: `role` is what they are in it, whatever that counts for now."""

    organization: OrganizationView
    members: Sequence[MemberView]
    user_id: str
    is_administrator: bool

    @property
    def id(self) -> str:
        return self.organization.id

    @property
    def role(self) -> str:
        return next((each.role for each in self.members if each.user_id == self.user_id), "")

    @property
    def owners(self) -> int:
        return sum(each.role == Role.OWNER for each in self.members)

    def may(self, permission: Permission) -> bool:
        """Whether they may. The API decides; we do not offer in vain."""
        return self.is_administrator or self.may_as_member(permission)

    def may_as_member(self, permission: Permission) -> bool:
        """The same for what an administrator cannot do for others, such as giving away what they do not own."""
        return allows(self.role, permission, self.organization.status)

    def require(self, permission: Permission, act: str) -> None:
        """`Problem` 403 that says who may."""
        if not self.may(permission):
            detail = f"{act} is for {who_may(permission)} of {self.organization.name}. Ask one of them."
            raise Problem(FORBIDDEN, "not-permitted", detail)

    def member(self, user_id: str) -> MemberView:
        """Somebody in it; `Problem` 404 for who is not."""
        found = next((each for each in self.members if each.user_id == user_id), None)
        if found is None:
            raise not_found("member", user_id)
        return found


def teams(visit: Visit) -> TeamsClient:
    """Accounts, asked about organisations as the person of this visit."""
    return TeamsClient(visit.desk.accounts.service)


def projects(visit: Visit) -> ProjectsClient:
    return ProjectsClient(visit.desk.accounts.service)


def invitation_of(text: str) -> str:
    """The id of an invitation, as it stands in an address; `Problem` 404 for what is none."""
    if not is_id(text):
        raise not_found("invitation", text)
    return text


async def acting(reception: Reception, request: Request) -> Visit:
    """The visit of somebody who does something; `Problem` 404 unless the address names the account that it opens.

    So nothing is done to another one, because this one was left or closed meanwhile.
    """
    visit = await reception.visit(request)
    named = request.query_params.get("account", "")
    if named != visit.account.id:
        raise not_found("organization", named)
    return visit


async def team_of(visit: Visit) -> Team:
    """The organisation of the account that is open; `Problem` 404 where that is a person's own."""
    if not visit.account.is_organization:
        raise not_found("organization", visit.account.id)
    client = teams(visit)
    organization, members = await asyncio.gather(
        client.organization(visit.account.id), client.members(visit.account.id)
    )
    return Team(organization, members, visit.person.user.id, visit.person.user.is_administrator)
