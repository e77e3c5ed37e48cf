"""Notices: the bell's panel, all of them, and noting what was read."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal import notices_page
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, SERVER_ERROR, own_path, page_route
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

DONE = {"read": "All of these are marked as read."}


def notice_routes(reception: Reception) -> APIRouter:
    """The panel and the page."""
    pages = reception.pages
    router = APIRouter(prefix=notices_page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_notices(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        query = notices_page.read_query(request.query_params)
        context = await notices_page.page_context(visit, query, DONE.get(done, ""))
        return pages.answer(request, "notices.html", **context)

    @router.get("/parts/list")
    async def read_list(request: Request) -> Response:
        visit = await reception.visit(request)
        context = await notices_page.list_context(visit, notices_page.read_query(request.query_params))
        return pages.answer(request, "parts/notices.html", **context)

    @router.get("/parts/bell")
    async def read_bell(request: Request) -> Response:
        context = await notices_page.bell_context(await reception.visit(request))
        return pages.answer(request, "parts/bell.html", **context)

    return router


def notice_act_routes(reception: Reception) -> APIRouter:
    """Noting what was read."""
    pages = reception.pages
    router = APIRouter(prefix=notices_page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.post("/parts/bell")
    async def read_all_in_bell(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        await visit.desk.notifications.read_up_to(form.get("up_to", ""))
        return pages.answer(request, "parts/bell.html", **await notices_page.bell_context(visit))

    @router.post("/read")
    async def read_up_to(request: Request) -> Response:
        """Mark one, or all up to one, as read, and stay."""
        visit, form = await reception.visit(request), await read_form(request)
        if "id" in form:
            await visit.desk.notifications.read(form["id"])
        else:
            await visit.desk.notifications.read_up_to(form.get("up_to", ""))
        return RedirectResponse(own_path(form.get("next", notices_page.PATH)), SEE_OTHER)

    @router.post("/open")
    async def open_notice(request: Request) -> Response:
        """Go where a notice leads, which is reading it."""
        visit, form = await reception.visit(request), await read_form(request)
        try:
            await visit.desk.notifications.read(form.get("id", ""))
        except Problem as problem:
            # That it could not be noted is no reason not to go there.
            if problem.status < SERVER_ERROR:
                raise
        return RedirectResponse(own_path(form.get("to", notices_page.PATH)), SEE_OTHER)

    return router
