"""The first visit of whoever has no password of their own yet: a page to choose one, or to leave it for later."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.door import Door
from fogbank.portal.door_words import door_refusal
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_of, page_route
from fogbank.portal.refusals import Refusal
from fogbank.portal.sessions import Person, session_of
from fogbank.portal.visit import LATER
from fogbank.runtime.problems import Problem

PATH = "/welcome"
LATER_SECONDS = 30 * 24 * 3600
AGAIN = "To choose a password without the one before, sign in anew: by a link, or in the way that you came."
WRONG = "This is not the password that you have now."


def welcome_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_welcome(request: Request) -> Response:
        person = await door.sessions.person(request)
        if person.user.has_chosen_password:
            return RedirectResponse("/usage", SEE_OTHER)
        return _page(door, request, person, Refusal(200), asks_current=False)

    @router.post("")
    async def choose(request: Request) -> Response:
        person, form = await door.sessions.person(request), await read_form(request)
        current = form.get("current") or None
        try:
            await door.people(person).change_password(person.user.id, form.get("password", ""), current)
        except Problem as problem:
            return _page(door, request, person, _refusal(problem, current), asks_current=_asks(problem, current))
        door.sessions.forget(session_of(request) or "")  # what it knows of the person holds no longer
        return RedirectResponse("/usage", SEE_OTHER)

    @router.post("/later")
    async def later(request: Request) -> Response:
        response = RedirectResponse(page_of(request), SEE_OTHER)
        LATER.keep(response, request, "yes", LATER_SECONDS)
        return response

    return router


def _asks(problem: Problem, current: str | None) -> bool:
    """Whether it takes the password of now, as it does an hour after a link."""
    return problem.kind == "wrong-credentials" or current is not None


def _refusal(problem: Problem, current: str | None) -> Refusal:
    if problem.kind == "wrong-credentials":
        return Refusal(problem.status, fields={"current": WRONG if current else "Say the one that you have now, too."})
    if problem.kind == "sign-in-again":
        return Refusal(problem.status, AGAIN)
    return door_refusal(problem, "")


def _page(door: Door, request: Request, person: Person, refusal: Refusal, *, asks_current: bool) -> Response:
    return door.page(
        request,
        "door/welcome.html",
        status=refusal.status,
        problem=refusal.whole,
        faults=refusal.fields,
        person=person.user,
        asks_current=asks_current,
    )
