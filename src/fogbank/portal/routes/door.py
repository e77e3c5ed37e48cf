"""In and out: sign-in by password or by a one-time link, and sign-out."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import AccountsClient, SessionView
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, own_path, page_route
from fogbank.portal.rendering import Pages
from fogbank.portal.sessions import Sessions, drop_session, remember_session, session_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.problems import Problem

UNAUTHORIZED = 401
TOO_MANY = 429


def door_routes(pages: Pages, sessions: Sessions, accounts: AccountsClient, clock: Clock) -> APIRouter:
    """The routes of those who are not signed in."""
    router = APIRouter(route_class=page_route(pages), include_in_schema=False)

    @router.get("/sign-in")
    async def read_sign_in(request: Request, next: str = "/usage", token: str = "") -> Response:  # noqa: A002
        # A link's token is spent by a POST only: what fetches links ahead of people (mail scanners) sends none.
        return _door(pages, request, next=own_path(next), token=token)

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        email, path = form.get("email", "").strip(), own_path(form.get("next", ""))
        address = request.client.host if request.client else ""
        try:
            session = await accounts.sign_in(email, form.get("password", ""), address)
        except Problem as problem:
            return _refused(pages, request, problem, next=path, email=email)
        return _inside(request, session, path, clock)

    @router.post("/sign-in/link")
    async def sign_in_by_link(request: Request) -> Response:
        form = await read_form(request)
        path = own_path(form.get("next", ""))
        try:
            session = await accounts.sign_in_by_link(form.get("token", ""))
        except Problem as problem:
            return _refused(pages, request, problem, next=path)
        return _inside(request, session, path, clock)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        session_token = session_of(request)
        response = RedirectResponse("/sign-in", SEE_OTHER)
        drop_session(response, request)
        if session_token is not None:
            sessions.forget(session_token)
            await accounts.sign_out(session_token)
        return response

    return router


def _inside(request: Request, session: SessionView, path: str, clock: Clock) -> Response:
    response = RedirectResponse(path, SEE_OTHER)
    remember_session(response, request, session, clock())
    return response


def _door(pages: Pages, request: Request, *, next: str, status: int = 200, **context: str) -> Response:  # noqa: A002
    filled = {"token": "", "email": "", "problem": "", **context}
    return pages.answer(request, "sign_in.html", status=status, next=next, **filled)


def _refused(pages: Pages, request: Request, problem: Problem, *, next: str, email: str = "") -> Response:  # noqa: A002
    """The door again, saying why it stayed shut."""
    return _door(
        pages, request, next=next, status=problem.status, email=email, problem=why_refused(problem, bool(email))
    )


def why_refused(problem: Problem, has_password: bool) -> str:
    """In plain words, without telling which of address and password was wrong."""
    if problem.status == UNAUTHORIZED and has_password:
        return "This e-mail address and password do not belong together."
    if problem.status == UNAUTHORIZED:
        return "This link was used already, or is too old. Sign in with your password, or ask for a new link."
    if problem.status == TOO_MANY:
        wait = problem.headers.get("retry-after", "")
        return (
            f"Too many attempts. Try again in {wait} seconds." if wait else "Too many attempts. Try again in a minute."
        )
    return f"Signing in did not work: {problem.detail}"
