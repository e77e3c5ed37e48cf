"""A person's organisations: those that they are in, those that they are invited to, and a new one."""

import asyncio

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client.people import PeopleClient
from fogbank.portal.forms import read_form
from fogbank.portal.organization import forms
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import COMPONENT, PATH, invitation_of, teams
from fogbank.portal.page import Context
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import back
from fogbank.portal.settings.own import meet_anew
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.organization.own import belongings_of, waiting_rows
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

DONE = {"declined": "The invitation is declined. You can be invited again."}


def own_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("/all")
    async def read_all(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        return pages.answer(request, "organization/all.html", **await _all(visit, DONE.get(done, "")))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        return await _form(reception, request, visit, forms.new_form(reception.entropy))

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), forms.read(await read_form(request), "name")
        try:
            made = await teams(visit).create(form.value("name"), key=form.act)
        except Problem as problem:
            return await _form(reception, request, visit, forms.refused(form, problem, reception.entropy))
        meet_anew(request)
        return back(made.id, "made")

    @router.post("/waiting/{invitation_id}/accept")
    async def accept(request: Request, invitation_id: str) -> Response:
        visit = await reception.visit(request)
        accepted = await teams(visit).accept(invitation_of(invitation_id))
        meet_anew(request)
        return back(accepted.org_id, "joined")

    @router.post("/waiting/{invitation_id}/decline")
    async def decline(request: Request, invitation_id: str) -> Response:
        visit = await reception.visit(request)
        await teams(visit).decline(invitation_of(invitation_id))
        return back(visit.account.id, "declined", f"{PATH}/all")

    return router


async def _all(visit: Visit, done: str) -> Context:
    belongings, waiting, shell = await asyncio.gather(
        visit.desk.answer(COMPONENT, PeopleClient(visit.desk.accounts.service).belongings()),
        visit.desk.answer(COMPONENT, teams(visit).waiting()),
        visit.shell(f"{PATH}/all"),
    )
    return {
        "shell": shell,
        "account": visit.account,
        "done": done,
        "user": visit.person.user,
        "belongings": belongings if isinstance(belongings, Missing) else belongings_of(belongings),
        "waiting": waiting if isinstance(waiting, Missing) else waiting_rows(waiting, visit.formats),
    }


async def _form(reception: Reception, request: Request, visit: Visit, form: SmallForm) -> Response:
    context = {"shell": await visit.shell(f"{PATH}/new"), "account": visit.account, "form": form}
    return reception.pages.answer(request, "organization/new.html", status=form.refusal.status, **context)
