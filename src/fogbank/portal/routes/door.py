"""In and out: sign-in by password or by a one-time link, and sign-out."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.door import CONFIRMATION, STEP, Door, browser_of
from fogbank.portal.door_page import Said, sign_in_page
from fogbank.portal.door_words import LINK_SPENT, NO_SUCH_PAIR, why_shut
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, own_path, page_route
from fogbank.portal.sessions import drop_session, session_of
from fogbank.runtime.problems import Problem

DONE = {
    "reset": "Your password is changed, and you are signed out everywhere. Sign in with the new one.",
}


def door_routes(door: Door) -> APIRouter:
    """The routes of those who are not signed in."""
    router = APIRouter(route_class=page_route(door.pages), include_in_schema=False)

    @router.get("/sign-in")
    async def read_sign_in(request: Request, next: str = "", token: str = "", done: str = "") -> Response:  # noqa: A002
        # A link's token is spent by a POST only: what fetches links ahead of people (mail scanners) sends none.
        if token:
            return door.page(request, "door/link.html", token=token, next=own_path(next))
        return await sign_in_page(door, request, own_path(next), Said(done=DONE.get(done, "")))

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        email, path = form.get("email", "").strip(), own_path(form.get("next", ""))
        opening = door.sign_in.by_password(email, form.get("password", ""), browser_of(request))
        try:
            return await door.open(request, opening, path)
        except Problem as problem:
            said = Said(problem.status, why_shut(problem, NO_SUCH_PAIR), email=email)
            return await sign_in_page(door, request, path, said)

    @router.post("/sign-in/link")
    async def sign_in_by_link(request: Request) -> Response:
        form = await read_form(request)
        path = own_path(form.get("next", ""))
        try:
            return await door.open(request, door.sign_in.by_link(form.get("token", ""), browser_of(request)), path)
        except Problem as problem:
            return await sign_in_page(door, request, path, Said(problem.status, why_shut(problem, LINK_SPENT)))

    return router


def leaving_routes(door: Door) -> APIRouter:
    router = APIRouter(route_class=page_route(door.pages), include_in_schema=False)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        form, session_token = await read_form(request), session_of(request)
        wanted = form.get("next")
        response = RedirectResponse(own_path(wanted) if wanted else "/sign-in", SEE_OTHER)
        drop_session(response, request)
        STEP.drop(response, request)
        CONFIRMATION.drop(response, request)
        if session_token is not None:
            door.sessions.forget(session_token)
            await door.accounts.sign_out(session_token)
        return response

    return router
