"""How somebody wants to be told."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal import notices_page
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import NOT_FOUND, SEE_OTHER, UNAUTHORIZED, page_route
from fogbank.portal.refusals import refusal_of
from fogbank.portal.views.preferences import read_preferences
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

FIELDS = frozenset({"quiet_hours", "quiet_hours.timezone", "quiet_hours.from_time", "quiet_hours.to_time"})
DONE = {"saved": "Saved. From now on you are told so."}


def preference_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=notices_page.PREFERENCES_PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await notices_page.preferences_context(visit, DONE.get(done, ""))
        return pages.answer(request, "preferences.html", **context)

    @router.post("")
    async def save(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        try:
            await visit.desk.notifications.put_preferences(read_preferences(form))
        except Problem as problem:
            if problem.status in (UNAUTHORIZED, NOT_FOUND):
                raise
            refusal = refusal_of(problem, notices_page.COMPONENT, FIELDS)
            context = await notices_page.refused_context(visit, form, refusal)
            return pages.answer(request, "preferences.html", status=refusal.status, **context)
        return RedirectResponse(f"{notices_page.PREFERENCES_PATH}?done=saved", SEE_OTHER)

    return router
