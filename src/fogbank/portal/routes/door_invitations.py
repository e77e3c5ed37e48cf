"""An invitation's link: whoever has the invited address joins by it; whoever has none yet signs up through it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import InvitationOfferView
from fogbank.portal.door import Door, browser_of
from fogbank.portal.door_words import UNAUTHORIZED, door_refusal
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.refusals import Refusal
from fogbank.portal.sessions import session_of
from fogbank.runtime.problems import Problem

PATH = "/invitations"
REASONS = {
    "invitation-ended": "This invitation is good no longer: it was used, taken back, or is older than a week. "
    "Ask whoever invited you for another one.",
    "address-not-confirmed": "This link was handed over, so it does not show that the address is yours. "
    "Confirm the address of your account first, then open the link again.",
    "email-taken": "This address has an account. Sign in with it, and join.",
}
"""What the page says of refusals that it can say more plainly."""


def invitation_routes(door: Door) -> APIRouter:
    router = APIRouter(prefix=PATH, route_class=page_route(door.pages), include_in_schema=False)

    @router.get("")
    async def read_invitation(request: Request, token: str = "") -> Response:
        return await _page(door, request, token, Refusal(200))

    @router.post("")
    async def join(request: Request) -> Response:
        token, person = (await read_form(request)).get("token", ""), await door.person(request)
        if person is None:
            return await _page(door, request, token, Refusal(UNAUTHORIZED, "Sign in first, then join."))
        try:
            joined = await door.invitations.as_caller(person.token).accept(token)
        except Problem as problem:
            return await _page(door, request, token, _refusal(problem))
        door.sessions.forget(session_of(request) or "")  # the next token knows the organisation
        return RedirectResponse(f"/usage?account={joined.org_id}", SEE_OTHER)

    @router.post("/sign-up")
    async def sign_up(request: Request) -> Response:
        form = await read_form(request)
        token, name, password = form.get("token", ""), form.get("name", "").strip(), form.get("password", "")
        opening = door.sign_in.sign_up_invited(token, name, password, browser_of(request))
        try:
            return await door.open(request, opening, "/usage")
        except Problem as problem:
            return await _page(door, request, token, _refusal(problem), form)

    return router


def _refusal(problem: Problem) -> Refusal:
    if problem.kind in REASONS:
        return Refusal(problem.status, REASONS[problem.kind])
    return door_refusal(problem, "You were signed out meanwhile. Sign in, then join.")


async def _page(
    door: Door, request: Request, token: str, refusal: Refusal, typed: Mapping[str, str] | None = None
) -> Response:
    try:
        offer = await door.invitations.show(token) if token else None
    except Problem as problem:
        refusal, offer = _refusal(problem), None
    if offer is None:
        problem_text = refusal.whole or REASONS["invitation-ended"]
        return door.page(request, "door/invitation_ended.html", status=refusal.status, problem=problem_text)
    person = await door.person(request)
    return door.page(
        request,
        "door/invitation.html",
        status=refusal.status,
        problem=refusal.whole,
        faults=refusal.fields,
        token=token,
        here=f"{PATH}?token={token}",
        offer=offer,
        person=None if person is None else person.user,
        is_theirs=person is not None and _is_for(offer, person.user.email),
        typed=typed or {},
    )


def _is_for(offer: InvitationOfferView, email: str) -> bool:
    return offer.email.casefold() == email.casefold()
