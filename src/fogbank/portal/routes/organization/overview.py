"""The organisation that is open; another name for it; and the ways to the others."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import Permission
from fogbank.portal.forms import read_form
from fogbank.portal.organization import forms, page
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import PATH, acting, team_of, teams
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.routes.organization.answers import back, path_of
from fogbank.portal.settings.own import meet_anew
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

DONE = {
    "made": "The organisation is made, and you own it.",
    "joined": "You are in. Welcome.",
    "named": "The new name is saved.",
    "role": "The role is changed. It holds from now on.",
    "removed": "They are no longer in the organisation.",
    "invited": "The invitation is on its way by e-mail.",
    "uninvited": "The invitation is taken back. Its link is good no longer.",
    "offered": "The ownership is offered. It changes hands when it is accepted.",
    "withdrawn": "The offer is withdrawn.",
    "declined": "The offer is declined.",
    "owned": "You are the owner now.",
    "required": "From now on it takes a second factor to see this organisation.",
    "optional": "It takes no second factor any more.",
    "closed": "The organisation is closed.",
}


def overview_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_organization(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        if not visit.account.is_organization:
            return visit.remember_account(RedirectResponse(path_of(visit.account.id, f"{PATH}/all"), SEE_OTHER))
        context = await page.context(visit, DONE.get(done, ""))
        return visit.remember_account(pages.answer(request, "organization/organization.html", **context))

    @router.get("/name")
    async def read_name(request: Request) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        team.require(Permission.MANAGE_SETTINGS, "Another name")
        return await _name_form(reception, request, visit, SmallForm("", {"name": team.organization.name}))

    @router.post("/name")
    async def rename(request: Request) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "name")
        try:
            await teams(visit).rename(visit.account.id, form.value("name"))
        except Problem as problem:
            return await _name_form(reception, request, visit, forms.refused(form, problem, reception.entropy))
        meet_anew(request)
        return back(visit.account.id, "named")

    return router


async def _name_form(reception: Reception, request: Request, visit: Visit, form: SmallForm) -> Response:
    shell = await visit.shell(f"{PATH}/name")
    context = {"shell": shell, "account": visit.account, "form": form}
    return reception.pages.answer(request, "organization/name.html", status=form.refusal.status, **context)
