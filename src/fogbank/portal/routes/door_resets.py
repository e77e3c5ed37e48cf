"""A forgotten password: a link is asked for, and a new password chosen by it. It signs nobody in."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.door import Door, browser_of
from fogbank.portal.door_password import PasswordWords, choose_page
from fogbank.portal.door_words import door_refusal
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.refusals import Refusal
from fogbank.portal.sessions import session_of
from fogbank.runtime.problems import Problem

PATH = "/reset"
FORGOT_PATH = "/forgot"
WORDS = PasswordWords(
    title="Choose a new password",
    lead="You are signed out everywhere by it, and sign in with the new one.",
    action=PATH,
    button="Set password",
    spent="This link was used already, or is older than an hour. Ask for another one.",
    elsewhere=FORGOT_PATH,
    elsewhere_label="Ask for another link",
)


def forgot_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=FORGOT_PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_forgot(request: Request) -> Response:
        return _forgot(door, request, "", Refusal(200), has_mail=await _has_mail(door))

    @router.post("")
    async def ask(request: Request) -> Response:
        email = (await read_form(request)).get("email", "").strip()
        try:
            await door.sign_in.ask_reset(email, browser_of(request))
        except Problem as problem:
            has_mail = problem.kind != "no-mail"
            return _forgot(door, request, email, door_refusal(problem, ""), has_mail=has_mail)
        return door.page(request, "door/forgot_sent.html", email=email)

    return router


def reset_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_reset(request: Request, token: str = "") -> Response:
        # Without a token it is a link to begin with, as in the e-mail that says that a password was changed.
        if not token:
            return RedirectResponse(FORGOT_PATH, SEE_OTHER)
        return choose_page(door, request, token, WORDS, Refusal(200))

    @router.post("")
    async def reset(request: Request) -> Response:
        form = await read_form(request)
        token, password = form.get("token", ""), form.get("password", "")
        try:
            done = await door.sign_in.finish_reset(token, password, browser_of(request))
        except Problem as problem:
            return choose_page(door, request, token, WORDS, door_refusal(problem, WORDS.spent))
        door.sessions.forget(session_of(request) or "")  # if it was of this account, it has ended
        response = RedirectResponse("/sign-in?done=reset", SEE_OTHER)
        return door.remember_device(response, request, done.device_token)

    return router


async def _has_mail(door: Door) -> bool:
    """Whether an e-mail can be sent; where notifications does not say so, asking will tell."""
    try:
        return await door.notifications.messages_ready()
    except Problem:
        return True


def _forgot(door: Door, request: Request, email: str, refusal: Refusal, *, has_mail: bool) -> Response:
    return door.page(
        request,
        "door/forgot.html",
        status=refusal.status,
        problem=refusal.whole if has_mail else "",
        email=email,
        faults=refusal.fields,
        has_mail=has_mail,
    )
