"""One's profile: name and address."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.settings import profile
from fogbank.portal.settings.faults import fault_of, is_for_the_form
from fogbank.portal.settings.own import meet_anew, own
from fogbank.portal.settings.profile import Typed
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

DONE = {
    "named": "Your name is saved.",
    "asked": "We sent a link to the new address. Open it within 24 hours; until then nothing changes.",
    "left": "You have left. What you saw there is closed to you from now on.",
}


def profile_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=profile.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_profile(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await profile.context(visit, DONE.get(done, ""))
        return pages.answer(request, "settings/profile.html", **context)

    @router.post("/name")
    async def rename(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        name = form.get("name", "")
        try:
            await own(visit).people.rename(visit.person.user.id, name)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            typed = Typed({"name": name}, *fault_of(problem, {"name": "name"}))
            context = await profile.context(visit, typed=typed)
            return pages.answer(request, "settings/profile.html", status=problem.status, **context)
        meet_anew(request)
        return RedirectResponse(f"{profile.PATH}?done=named", SEE_OTHER)

    @router.post("/address")
    async def change_address(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        email, password = form.get("email", "").strip(), form.get("current_password") or None
        try:
            await own(visit).people.change_email(visit.person.user.id, email, password)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            typed = Typed({"email": email}, *fault_of(problem, {"email": "email", "current_password": "password"}))
            context = await profile.context(visit, typed=typed)
            return pages.answer(request, "settings/profile.html", status=problem.status, **context)
        return RedirectResponse(f"{profile.PATH}?done=asked", SEE_OTHER)

    return router
