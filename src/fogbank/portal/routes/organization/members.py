"""One member: another role, and the end of it."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import MemberView, Role
from fogbank.portal.forms import read_form
from fogbank.portal.organization import forms
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.page import looking
from fogbank.portal.organization.team import PATH, Team, acting, team_of, teams
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import ask, back, path_of
from fogbank.portal.rules.roles import SENTENCES, roles_to_give
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import meet_anew
from fogbank.portal.views.organization.people import member_rows, name_of
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

FORBIDDEN = 403


def member_routes(reception: Reception) -> APIRouter:
    router = APIRouter(
        prefix=f"{PATH}/members/{{user_id}}", route_class=page_route(reception.pages), include_in_schema=False
    )

    @router.get("")
    async def read_member(request: Request, user_id: str) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        form = SmallForm("", {"role": team.member(user_id).role})
        return await _page(reception, request, visit, team, form)

    @router.post("")
    async def change_role(request: Request, user_id: str) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "role")
        team = await team_of(visit)
        member = team.member(user_id)
        try:
            await teams(visit).set_role(team.id, member.user_id, form.value("role"))
        except Problem as problem:
            refused = forms.refused(form, problem, reception.entropy)
            return await _page(reception, request, visit, team, refused)
        meet_anew(request)
        return back(team.id, "role")

    @router.get("/remove")
    async def ask_to_remove(request: Request, user_id: str) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        return await ask(reception, request, visit, _removing(team, _changeable(visit, team, user_id)))

    @router.post("/remove")
    async def remove(request: Request, user_id: str) -> Response:
        visit = await acting(reception, request)
        team = await team_of(visit)
        member = team.member(user_id)
        try:
            await teams(visit).remove(team.id, member.user_id)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            sure = _removing(team, member, problem.detail)
            return await ask(reception, request, visit, sure, status=problem.status)
        meet_anew(request)
        return back(team.id, "removed")

    return router


def _changeable(visit: Visit, team: Team, user_id: str) -> MemberView:
    """The member; `Problem` 403 where who looks cannot change them."""
    member = team.member(user_id)
    [row] = member_rows([member], (), looking(visit, team))
    if not row.path:
        who = "other owners" if member.role == Role.OWNER else "owners and admins"
        raise Problem(FORBIDDEN, "not-permitted", f"{name_of(member)} can be changed by {who} only. Ask one of them.")
    return member


def _removing(team: Team, member: MemberView, problem: str = "") -> Sure:
    return Sure(
        title=f"Take {name_of(member)} out of {team.organization.name}?",
        text="They see nothing of it any more, and their keys no longer reach it, within seconds. What they did stays "
        "on record. To come back they need an invitation.",
        act="Take out",
        back=path_of(team.id, f"{PATH}/members/{quote(member.user_id)}"),
        keep="Leave them in",
        problem=problem,
    )


async def _page(reception: Reception, request: Request, visit: Visit, team: Team, form: SmallForm) -> Response:
    member = _changeable(visit, team, str(request.path_params["user_id"]))
    context = {
        "shell": await visit.shell(f"{PATH}/members"),
        "account": visit.account,
        "member": member,
        "name": name_of(member),
        "is_last_owner": member.role == Role.OWNER and team.owners == 1,
        "is_self": member.user_id == team.user_id,
        "roles": [
            (role.value, SENTENCES[role]) for role in roles_to_give(team.role, is_administrator=team.is_administrator)
        ],
        "form": form,
    }
    return reception.pages.answer(request, "organization/member.html", status=form.refusal.status, **context)
