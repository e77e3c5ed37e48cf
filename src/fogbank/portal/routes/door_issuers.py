"""Signing in by another issuer (OpenID Connect): there, back, and, the first time, confirming that it is oneself."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import SessionView, UserView
from fogbank.kernel.ids import is_id
from fogbank.portal.door import CONFIRMATION, TRIP, Confirmation, Door, Trip, browser_of
from fogbank.portal.door_page import Said, sign_in_page
from fogbank.portal.door_words import FLOW_ENDED, why_shut
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, own_path, page_route
from fogbank.runtime.problems import Problem, not_found

PREFIX = "/sign-in/oidc"
CONFIRM_PATH = "/sign-in/confirm"


def issuer_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=PREFIX, route_class=page_route(door.pages), include_in_schema=False)

    @router.post("/{issuer_id}")
    async def begin(request: Request, issuer_id: str) -> Response:
        if not is_id(issuer_id):
            raise not_found("issuer", issuer_id)
        form = await read_form(request)
        path = own_path(form.get("next", ""))
        try:
            begun = await door.issuers.begin(issuer_id)
        except Problem as problem:
            return await sign_in_page(door, request, path, Said(problem.status, problem.detail))
        # Not a redirect: the policy of our pages (`form-action`) lets forms lead nowhere else, redirects included.
        response = door.page(request, "door/leaving.html", url=begun.url, issuer=form.get("issuer", ""))
        TRIP.keep(response, request, Trip(begun.binding, path))
        return response

    @router.get("")
    async def come_back(request: Request) -> Response:
        trip = TRIP.read(request)
        if trip is None or not request.query_params.get("state"):
            return await sign_in_page(door, request, "/usage", Said(401, FLOW_ENDED))
        try:
            response = await door.open(request, _finished(door, request, trip), trip.next)
        except Problem as problem:
            response = await _refused(door, request, trip, problem)
        TRIP.drop(response, request)
        return response

    return router


def confirm_routes(door: Door) -> APIRouter:
    """The owner of an account says once that an identity of an issuer is theirs."""
    router = APIRouter(prefix=CONFIRM_PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_confirm(request: Request, next: str = "") -> Response:  # noqa: A002
        return await _confirm_page(door, request, own_path(next))

    @router.post("")
    async def confirm(request: Request) -> Response:
        form, waits, person = await read_form(request), CONFIRMATION.read(request), await door.person(request)
        path = own_path(form.get("next", ""))
        if waits is None or person is None:
            return await _confirm_page(door, request, path)
        try:
            await door.issuers.as_caller(person.token).confirm(waits.confirmation, waits.binding)
        except Problem as problem:
            if problem.kind == "recent-proof-needed":
                return await _ask_to_sign_in(door, request, path, waits)
            response = await sign_in_page(door, request, path, Said(problem.status, why_shut(problem, FLOW_ENDED)))
            CONFIRMATION.drop(response, request)
            return response
        return _done(request, path)

    @router.post("/refuse")
    async def refuse(request: Request) -> Response:
        return _done(request, own_path((await read_form(request)).get("next", "")))

    return router


async def _finished(door: Door, request: Request, trip: Trip) -> SessionView:
    returned = request.query_params
    return await door.issuers.finish(
        state=returned["state"],
        binding=trip.binding,
        browser=browser_of(request),
        code=returned.get("code"),
        iss=returned.get("iss"),
        error=returned.get("error"),
    )


async def _refused(door: Door, request: Request, trip: Trip, problem: Problem) -> Response:
    if problem.kind != "confirm-needed":
        return await sign_in_page(door, request, trip.next, Said(problem.status, why_shut(problem, FLOW_ENDED)))
    facts = [str(problem.extra.get(name, "")) for name in ("confirmation", "issuer", "email")]
    waits = Confirmation(facts[0], trip.binding, facts[1], facts[2])
    person = await door.person(request)
    if person is None:
        response = await _ask_to_sign_in(door, request, trip.next, waits)
    else:
        response = _ask_whether(door, request, waits, person.user, trip.next)
    CONFIRMATION.keep(response, request, waits)
    return response


async def _confirm_page(door: Door, request: Request, path: str) -> Response:
    waits, person = CONFIRMATION.read(request), await door.person(request)
    if waits is None:
        return RedirectResponse(path, SEE_OTHER)
    if person is None:
        return await _ask_to_sign_in(door, request, path, waits)
    return _ask_whether(door, request, waits, person.user, path)


def _ask_whether(door: Door, request: Request, waits: Confirmation, user: UserView, path: str) -> Response:
    is_theirs = user.email.casefold() == waits.email.casefold()
    return door.page(request, "door/confirm_issuer.html", waits=waits, person=user, is_theirs=is_theirs, next=path)


async def _ask_to_sign_in(door: Door, request: Request, path: str, waits: Confirmation) -> Response:
    who = f"{waits.email} has an account here."
    done = f"{who} Sign in once as always, within ten minutes, and {waits.issuer} can open it."
    return await sign_in_page(door, request, path, Said(done=done, email=waits.email))


def _done(request: Request, path: str) -> Response:
    response = RedirectResponse(path, SEE_OTHER)
    CONFIRMATION.drop(response, request)
    return response
