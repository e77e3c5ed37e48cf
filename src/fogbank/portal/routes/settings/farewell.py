"""What is asked twice: leaving an organisation, and closing one's account."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.sessions import drop_session
from fogbank.portal.settings import profile
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import meet_anew, own
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem


def leaving_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=profile.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("/leave/{org_id}")
    async def ask_to_leave(request: Request, org_id: str) -> Response:
        visit = await reception.page_visit(request)
        sure = await profile.leaving(visit, org_id)
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(profile.PATH), sure=sure)

    @router.post("/leave/{org_id}")
    async def leave(request: Request, org_id: str) -> Response:
        visit = await reception.visit(request)
        membership = await profile.membership_of(visit, org_id)
        try:
            await own(visit).people.leave(membership.id, visit.person.user.id)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            sure = await profile.leaving(visit, org_id, problem.detail)
            shell = await visit.shell(profile.PATH)
            return pages.answer(request, "settings/sure.html", status=problem.status, shell=shell, sure=sure)
        meet_anew(request)
        return RedirectResponse(f"{profile.PATH}?done=left", SEE_OTHER)

    return router


def closing_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=profile.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("/close")
    async def ask_to_close(request: Request) -> Response:
        visit = await reception.page_visit(request)
        shell = await visit.shell(profile.PATH)
        return pages.answer(request, "settings/sure.html", shell=shell, sure=profile.closing(visit))

    @router.post("/close")
    async def close(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        try:
            await own(visit).people.close_account(visit.person.user.id, form.get("typed", ""))
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            sure = profile.closing(visit, problem.detail)
            shell = await visit.shell(profile.PATH)
            return pages.answer(request, "settings/sure.html", status=problem.status, shell=shell, sure=sure)
        meet_anew(request)
        response = pages.answer(request, "settings/closed.html")
        drop_session(response, request)
        return response

    return router
