"""Links about another address: the new one confirms it, the old one may undo it. Each takes a press of a button."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import Browser
from fogbank.portal.door import Door, browser_of
from fogbank.portal.door_words import SERVER_ERROR, why_shut
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import page_route
from fogbank.portal.sessions import session_of
from fogbank.runtime.problems import Problem


@dataclass(frozen=True, slots=True)
class Words:
    """What such a page says: before, and once it is done."""

    action: str
    title: str
    lead: str
    button: str
    done: str
    spent: str
    onward: str
    onward_label: str


CONFIRM = Words(
    action="/address/confirm",
    title="Confirm your new address",
    lead="From then on you sign in with it, and e-mails go there.",
    button="Confirm this address",
    done="The account has this address now. The old one was told.",
    spent="This link was used already, or is older than a day. Ask for the change again, in your settings.",
    onward="/usage",
    onward_label="Go on",
)
UNDO = Words(
    action="/address/undo",
    title="Keep the old address",
    lead=(
        "The account gets its old address back, and everybody is signed out of it. Its password, and keys and second "
        "factors that were made since, count no longer. A link to choose a new password is sent to the old address."
    ),
    button="Give the account back to the old address",
    done="The account has its old address again, and nobody is signed in. A link to choose a password is on its way.",
    spent="This link was used already, or is older than a week. If somebody took your account, tell who runs this "
    "Fogbank.",
    onward="/sign-in",
    onward_label="Sign in",
)


def address_routes(door: Door) -> APIRouter:
    router = APIRouter(route_class=page_route(door.pages), include_in_schema=False)
    _page_of(router, door, CONFIRM, door.sign_in.confirm_email_change)
    _page_of(router, door, UNDO, door.sign_in.undo_email_change)
    return router


def _page_of(router: APIRouter, door: Door, words: Words, spend: Callable[[str, Browser], Awaitable[None]]) -> None:
    @router.get(words.action)
    async def read(request: Request, token: str = "") -> Response:
        return _page(door, request, words, token=token, problem="" if token else words.spent)

    @router.post(words.action)
    async def press(request: Request) -> Response:
        token = (await read_form(request)).get("token", "")
        try:
            await spend(token, browser_of(request))
        except Problem as problem:
            can_retry = problem.status >= SERVER_ERROR
            said = why_shut(problem, words.spent)
            return _page(door, request, words, token=token if can_retry else "", problem=said, status=problem.status)
        if session_token := session_of(request):
            door.sessions.forget(session_token)  # what it knows of the person holds no longer
        return _page(door, request, words, done=words.done)


def _page(
    door: Door, request: Request, words: Words, *, token: str = "", problem: str = "", done: str = "", status: int = 200
) -> Response:
    return door.page(request, "door/address.html", status=status, words=words, token=token, problem=problem, done=done)
