"""Signing in by a passkey alone: the page's script asks for options, has the browser show one, and posts it."""

from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import SessionView
from fogbank.portal.door import Door, browser_of
from fogbank.portal.door_page import Said, sign_in_page
from fogbank.portal.door_words import WRONG_PASSKEY, why_shut
from fogbank.portal.forms import read_answer, read_form
from fogbank.portal.page_route import own_path, page_route
from fogbank.portal.rendering import PAGE_HEADERS
from fogbank.runtime.problems import Problem

JSON = "application/json"


def passkey_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix="/sign-in/passkey", route_class=page_route(door.pages), include_in_schema=False)

    @router.post("/begin")
    async def begin() -> Response:
        """Options to show a passkey by, here and as a second step; a refusal as a sentence."""
        try:
            options = await door.factors.begin_signing_in()
        except Problem as problem:
            return _json({"detail": why_shut(problem, WRONG_PASSKEY)}, problem.status)
        return _json({"public_key": options.public_key})

    @router.post("")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        path = own_path(form.get("next", ""))
        try:
            return await door.open(request, _shown(door, request, form), path)
        except Problem as problem:
            return await sign_in_page(door, request, path, Said(problem.status, why_shut(problem, WRONG_PASSKEY)))

    return router


async def _shown(door: Door, request: Request, form: Mapping[str, str]) -> SessionView:
    return await door.factors.sign_in(read_answer(form), browser_of(request))


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, PAGE_HEADERS, JSON)
