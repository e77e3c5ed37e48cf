"""Puts the page of an organisation together: how it stands, who is in it, who is invited, and what ends."""

import asyncio
from collections.abc import Collection, Sequence

from fogbank.accounts.client import InvitationView, Permission, Role
from fogbank.portal.organization.team import COMPONENT, PATH, Team, team_of, teams
from fogbank.portal.page import Context
from fogbank.portal.rules.roles import role_label, role_sentence, who_may
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.organization.people import Looking, invitation_rows, member_rows, offer_of
from fogbank.portal.views.organization.standing import standing_of
from fogbank.portal.visit import Visit


async def context(visit: Visit, done: str, problem: str = "") -> Context:
    """All of it; without `team` where accounts do not answer."""
    found, shell = await asyncio.gather(visit.desk.answer(COMPONENT, _parts(visit)), visit.shell(PATH))
    parts = {"team": found} if isinstance(found, Missing) else found
    return {**parts, "shell": shell, "account": visit.account, "done": done, "problem": problem}


def looking(visit: Visit, team: Team) -> Looking:
    return Looking(team.user_id, team.role, team.is_administrator, visit.now, visit.formats)


async def _parts(visit: Visit) -> Context:
    team = await team_of(visit)
    eyes = looking(visit, team)
    offer, invitations, without = await asyncio.gather(
        teams(visit).ownership_offer(team.id), _invitations(visit, team), _without_factor(visit, team)
    )
    return {
        "team": team,
        "role": role_label(team.role) if team.role else "Administrator",
        "does": role_sentence(team.role)[:1].lower() + role_sentence(team.role)[1:],
        "standing": standing_of(team.organization.status),
        "members": member_rows(team.members, without if team.organization.requires_second_factor else (), eyes),
        "invitations": invitation_rows(invitations, eyes),
        "without": len(without),
        "offer": offer_of(offer, team.members, eyes),
        "may": _rights(team),
        "who": {permission.value: who_may(permission) for permission in Permission},
    }


async def _invitations(visit: Visit, team: Team) -> Sequence[InvitationView]:
    return await teams(visit).open_invitations(team.id) if team.may(Permission.MANAGE_MEMBERS) else []


async def _without_factor(visit: Visit, team: Team) -> Collection[str]:
    if not team.may(Permission.MANAGE_MEMBERS):
        return ()
    return (await teams(visit).second_factor(team.id)).members_without


def _rights(team: Team) -> dict[str, bool]:
    is_only_owner = team.role == Role.OWNER and team.owners == 1
    return {
        "rename": team.may(Permission.MANAGE_SETTINGS),
        "invite": team.may(Permission.MANAGE_MEMBERS),
        "secure": team.may(Permission.MANAGE_SECURITY),
        "offer": team.may_as_member(Permission.TRANSFER_OWNERSHIP),
        "take": team.organization.status == "active",
        "leave": bool(team.role) and not is_only_owner,
        "close": team.may_as_member(Permission.CLOSE),
    }
