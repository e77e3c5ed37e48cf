"""Routes that answer people: whoever is not signed in goes to the door, and what goes wrong is said on a page.

htmx swaps 4xx and 5xx answers in, so a part answers those by headers: go to the door, or leave everything as it is.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from fogbank.portal.proof import PROOF_NEEDED, ask_for_proof
from fogbank.portal.rendering import Pages
from fogbank.portal.sessions import NotSignedIn
from fogbank.runtime.problems import Problem

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
SERVER_ERROR = 500
SEE_OTHER = 303
TOKEN_REFUSED = "token-refused"  # noqa: S105
"""What becomes of a token when a role of the person's changes, or the like: the next one says what holds now."""

SECTIONS = "usage|prices|alerts|notifications|webhooks|invitations|settings|organization|activity|credit"
OURS = re.compile(rf"/({SECTIONS})(/[A-Za-z0-9_.:%~-]+)*(\?[^\x00-\x20\x7f\\]*)?", re.ASCII)
"""The pages that people may come back to."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def page_route(pages: Pages) -> type[APIRoute]:
    """A route class for the portal's routers."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def handle_for_people(request: Request) -> Response:
                try:
                    return await _handled(handle, request)
                except NotSignedIn:
                    return to_the_door(request)
                except RequestValidationError:
                    return _problem_page(
                        pages, request, Problem(NOT_FOUND, "not-found", "This address is not complete.")
                    )
                except Problem as problem:
                    if problem.kind == PROOF_NEEDED:
                        return await ask_for_proof(pages, request, problem, back=page_of(request))
                    return _problem_page(pages, request, problem)

            return handle_for_people

    return PageRoute


async def _handled(handle: Handler, request: Request) -> Response:
    """The answer; where the person's token no longer holds, a new one is got, and what only reads is tried again."""
    try:
        return await handle(request)
    except Problem as problem:
        forget = getattr(request.state, "forget_person", None)
        if problem.kind != TOKEN_REFUSED or forget is None:
            raise
        forget()
        if request.method != "GET":
            raise
    return await handle(request)


def to_the_door(request: Request) -> Response:
    """Go to sign in, and come back. From a part the page as a whole has to go."""
    if is_part(request):
        back = own_path(request.headers.get("hx-current-url", ""))
        return Response(status_code=UNAUTHORIZED, headers={"hx-redirect": _door(back)})
    return RedirectResponse(_door(page_of(request)), SEE_OTHER)


def page_of(request: Request) -> str:
    """The page that this is about: the one that is asked for, or the one that posts."""
    if request.method == "GET":
        return own_path(f"{request.url.path}?{request.url.query}")
    return own_path(request.headers.get("referer", ""))


def is_part(request: Request) -> bool:
    """Whether htmx asks, for a part of a page that is open."""
    return "hx-request" in request.headers


def _door(back: str) -> str:
    return f"/sign-in?next={quote(back, safe='')}"


def own_path(address: str) -> str:
    """The path and query of `address` if it is one of our pages, else the first page: no sending people elsewhere."""
    path = address.partition("://")[2].partition("/")[2] if "://" in address.partition("?")[0] else address.lstrip("/")
    path = "/" + path.rstrip("?")
    return path if OURS.fullmatch(path) else "/usage"


def _problem_page(pages: Pages, request: Request, problem: Problem) -> Response:
    if is_part(request):
        # A part keeps what it shows rather than showing an error in the middle of a page that works.
        return Response(status_code=problem.status, headers={"hx-reswap": "none"})
    headline = "There is nothing here" if problem.status == NOT_FOUND else "This did not work"
    if problem.status >= SERVER_ERROR:
        headline = "Fogbank is not quite up"
    onward, label = _way_on(request, problem)
    return pages.answer(
        request,
        "problem.html",
        status=problem.status,
        headline=headline,
        detail=problem.detail,
        onward=onward,
        onward_label=label,
    )


def _way_on(request: Request, problem: Problem) -> tuple[str, str]:
    """Where to go from there, and what to call it: what is not there, or not theirs, is not tried again."""
    if problem.status == NOT_FOUND:
        return "/usage", "To your usage"
    if problem.status == FORBIDDEN:
        return own_path(request.headers.get("referer", "")), "Back"
    return page_of(request), "Try again"
