"""Ownership: offered to another member, taken or declined by them, withdrawn."""

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import Permission
from fogbank.portal.forms import read_form
from fogbank.portal.organization import forms
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import PATH, Team, acting, team_of, teams
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import back
from fogbank.portal.settings.own import meet_anew
from fogbank.portal.views.organization.people import name_of
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

FORBIDDEN = 403


def ownership_routes(reception: Reception) -> APIRouter:
    router = APIRouter(prefix=f"{PATH}/ownership", route_class=page_route(reception.pages), include_in_schema=False)

    @router.get("")
    async def read_form_of_offer(request: Request) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        if not team.may_as_member(Permission.TRANSFER_OWNERSHIP):
            raise Problem(FORBIDDEN, "not-permitted", "Only who owns an organisation can offer that to somebody.")
        return await _form(reception, request, visit, team, SmallForm(""))

    @router.post("")
    async def offer(request: Request) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "user_id")
        team = await team_of(visit)
        try:
            await teams(visit).offer_ownership(team.id, form.value("user_id"))
        except Problem as problem:
            refused = forms.refused(form, problem, reception.entropy)
            return await _form(reception, request, visit, team, refused)
        return back(team.id, "offered")

    @router.post("/accept")
    async def accept(request: Request) -> Response:
        visit = await acting(reception, request)
        await teams(visit).accept_ownership(visit.account.id)
        meet_anew(request)
        return back(visit.account.id, "owned")

    @router.post("/end")
    async def end(request: Request) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        await teams(visit).end_ownership_offer(visit.account.id)
        return back(visit.account.id, "declined" if form.get("as") == "recipient" else "withdrawn")

    return router


async def _form(reception: Reception, request: Request, visit: Visit, team: Team, form: SmallForm) -> Response:
    others = [(each.user_id, name_of(each), each.role) for each in team.members if each.user_id != team.user_id]
    context = {
        "shell": await visit.shell(f"{PATH}/ownership"),
        "account": visit.account,
        "others": sorted(others, key=lambda each: each[1].casefold()),
        "form": form,
    }
    return reception.pages.answer(request, "organization/ownership.html", status=form.refusal.status, **context)
