"""Signing up: by an address, which is asked to confirm; whoever confirms chooses the password."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from fogbank.portal.door import Door, browser_of
from fogbank.portal.door_password import PasswordWords, choose_page
from fogbank.portal.door_words import door_refusal
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import page_route
from fogbank.portal.refusals import Refusal
from fogbank.runtime.problems import Problem

CLOSED = "Accounts are made by invitation here. Ask somebody who has one, or who runs this Fogbank, to invite you."
SENT_AGAIN = "If it can be sent, it is on its way again. It may take a minute."

WORDS = PasswordWords(
    title="Choose a password",
    lead="Your address is confirmed by this, and your account is made.",
    action="/sign-up/confirm",
    button="Make my account",
    spent="This link was used already, or is older than a day. Sign in, or sign up again.",
    elsewhere="/sign-up",
    elsewhere_label="Sign up again",
)


def sign_up_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix="/sign-up", route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_sign_up(request: Request) -> Response:
        try:
            is_open = await door.sign_in.can_sign_up()
        except Problem as problem:
            return _form(door, request, {}, door_refusal(problem, ""))
        return _form(door, request, {}, Refusal(200)) if is_open else _closed(door, request)

    @router.post("")
    async def sign_up(request: Request) -> Response:
        form = await read_form(request)
        email, name = form.get("email", "").strip(), form.get("name", "").strip()
        try:
            await door.sign_in.sign_up(email, name, browser_of(request))
        except Problem as problem:
            if problem.kind == "sign-up-closed":
                return _closed(door, request, problem)
            return _form(door, request, form, door_refusal(problem, ""))
        return door.page(request, "door/sign_up_sent.html", email=email)

    @router.post("/again")
    async def send_again(request: Request) -> Response:
        email = (await read_form(request)).get("email", "").strip()
        try:
            await door.sign_in.sign_up_again(email, browser_of(request))
        except Problem as problem:
            said = door_refusal(problem, "")
            return door.page(request, "door/sign_up_sent.html", status=said.status, email=email, problem=said.whole)
        return door.page(request, "door/sign_up_sent.html", email=email, done=SENT_AGAIN)

    return router


def confirm_sign_up_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix="/sign-up/confirm", route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_confirm(request: Request, token: str = "") -> Response:
        return choose_page(door, request, token, WORDS, Refusal(200))

    @router.post("")
    async def confirm(request: Request) -> Response:
        form = await read_form(request)
        token, password = form.get("token", ""), form.get("password", "")
        try:
            opening = door.sign_in.confirm_sign_up(token, password, browser_of(request))
            return await door.open(request, opening, "/usage")
        except Problem as problem:
            return choose_page(door, request, token, WORDS, door_refusal(problem, WORDS.spent))

    return router


def _form(door: Door, request: Request, typed: Mapping[str, str], refusal: Refusal) -> Response:
    return door.page(
        request, "door/sign_up.html", status=refusal.status, problem=refusal.whole, typed=typed, faults=refusal.fields
    )


def _closed(door: Door, request: Request, problem: Problem | None = None) -> Response:
    why = CLOSED if problem is None else problem.detail
    return door.page(request, "door/sign_up_closed.html", status=200 if problem is None else problem.status, why=why)
