"""The second step of signing in: a code from an app, a passkey, or a recovery code."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import SessionView
from fogbank.portal.door import STEP, Door, Step, browser_of
from fogbank.portal.door_page import Said, sign_in_page
from fogbank.portal.door_words import STEP_ENDED, why_shut
from fogbank.portal.forms import read_answer, read_form
from fogbank.portal.page_route import SEE_OTHER, own_path, page_route
from fogbank.runtime.problems import Problem

PATH = "/sign-in/second-factor"
TYPED = ("totp", "recovery")
"""What one types; a passkey is shown."""

WRONG = {
    "totp": "This code is not right, or was used before. Take the one that the app shows now.",
    "recovery": "This is none of your recovery codes, or it was used before.",
    "passkey": "This passkey is not one of this account.",
}


def second_step_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_step(request: Request, next: str = "", method: str = "") -> Response:  # noqa: A002
        step, path = STEP.read(request), own_path(next)
        if step is None:
            return await sign_in_page(door, request, path, Said(problem=STEP_ENDED))
        return _page(door, request, step, path, method=method)

    @router.post("")
    async def answer(request: Request) -> Response:
        form, step = await read_form(request), STEP.read(request)
        path, method = own_path(form.get("next", "")), form.get("method", "")
        if step is None or method not in WRONG:
            return await sign_in_page(door, request, path, Said(401, STEP_ENDED))
        try:
            return await door.open(request, _shown(door, request, step, method, form), path)
        except Problem as problem:
            if problem.kind == "wrong-credentials" or problem.extra.get("attempts_left") == 0:
                return await _begin_again(door, request, path)
            said = WRONG[method] if problem.kind == "wrong-second-factor" else why_shut(problem, STEP_ENDED)
            return _page(door, request, step, path, method=method, status=problem.status, problem=said)

    @router.post("/cancel")
    async def cancel(request: Request) -> Response:
        response = RedirectResponse("/sign-in", SEE_OTHER)
        STEP.drop(response, request)
        return response

    return router


async def _shown(door: Door, request: Request, step: Step, method: str, form: Mapping[str, str]) -> SessionView:
    code, answer = (None, read_answer(form)) if method == "passkey" else (form.get("code", "").strip() or "-", None)
    return await door.sign_in.by_second_factor(step.challenge, method, browser_of(request), code=code, answer=answer)


async def _begin_again(door: Door, request: Request, path: str) -> Response:
    response = await sign_in_page(door, request, path, Said(401, STEP_ENDED))
    STEP.drop(response, request)
    return response


def _page(
    door: Door, request: Request, step: Step, path: str, *, method: str, status: int = 200, problem: str = ""
) -> Response:
    typed = [each for each in TYPED if each in step.methods]
    return door.page(
        request,
        "door/second_step.html",
        status=status,
        problem=problem,
        next=path,
        typed=_chosen(typed, method, has_passkey="passkey" in step.methods),
        others=typed,
        has_passkey="passkey" in step.methods,
    )


def _chosen(typed: Sequence[str], method: str, *, has_passkey: bool) -> str:
    """What the page has a field for: what was asked for; else an app's code; else the passkey comes first."""
    if method in typed:
        return method
    return "totp" if "totp" in typed else "" if has_passkey else "recovery"
