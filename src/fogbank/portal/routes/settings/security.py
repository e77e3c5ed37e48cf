"""The security page, one's password, and sessions."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import new_act, read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.settings import security
from fogbank.portal.settings.faults import fault_of, is_for_the_form
from fogbank.portal.settings.own import meet_anew, own
from fogbank.portal.settings.profile import Typed
from fogbank.portal.views.settings.agents import agent_in_words
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem, not_found

DONE = {
    "password": "Your new password counts. Every other session was ended.",
    "ended": "That session is ended.",
    "others": "You are signed out everywhere else.",
    "app": "The app counts. You are asked for a code when you sign in.",
    "app-removed": "The app is removed. Its codes are taken no more.",
    "passkey": "The passkey is added. You can sign in with it alone.",
    "renamed": "The passkey has its new name.",
    "passkey-removed": "The passkey is removed. Delete it on its device, too.",
    "unlinked": "The issuer opens your account no more.",
}
PASSWORDS = {"new_password": "password", "current_password": "password"}


def security_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=security.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_security(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await security.context(visit, request, new_act(reception.entropy), DONE.get(done, ""))
        return pages.answer(request, "settings/security.html", **context)

    @router.post("/password")
    async def change_password(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        new, current = form.get("new_password", ""), form.get("current_password") or None
        try:
            await own(visit).people.change_password(visit.person.user.id, new, current)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            typed = Typed({}, *fault_of(problem, PASSWORDS))
            context = await security.context(visit, request, new_act(reception.entropy), typed=typed)
            return pages.answer(request, "settings/security.html", status=problem.status, **context)
        meet_anew(request)
        return RedirectResponse(f"{security.PATH}?done=password", SEE_OTHER)

    return router


def session_routes(reception: Reception) -> APIRouter:
    """Ending sessions, asked once before."""
    pages = reception.pages
    router = APIRouter(prefix=f"{security.PATH}/sessions", route_class=page_route(pages), include_in_schema=False)

    @router.get("/others/end")
    async def ask_to_end_others(request: Request) -> Response:
        visit = await reception.page_visit(request)
        sure = Sure(
            title="Sign out everywhere else?",
            text="Every other browser has to sign in again. API keys go on working.",
            act="End all other sessions",
            back=f"{security.PATH}#sessions",
            keep="Leave them",
        )
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=sure)

    @router.post("/others/end")
    async def end_others(request: Request) -> Response:
        visit = await reception.visit(request)
        await own(visit).sessions.end_other_sessions()
        return RedirectResponse(f"{security.PATH}?done=others#sessions", SEE_OTHER)

    @router.get("/{session_id}/end")
    async def ask_to_end(request: Request, session_id: str) -> Response:
        visit = await reception.page_visit(request)
        found = next((each for each in await own(visit).sessions.sessions() if each.id == session_id), None)
        if found is None:
            raise not_found("session", session_id)
        sure = Sure(
            title=f"End the session of {agent_in_words(found.agent)}?",
            text=f"Whoever sits there, at {found.address or 'an unknown address'}, has to sign in again.",
            act="End session",
            back=f"{security.PATH}#sessions",
            keep="Leave it",
        )
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=sure)

    @router.post("/{session_id}/end")
    async def end(request: Request, session_id: str) -> Response:
        visit = await reception.visit(request)
        await own(visit).sessions.end_session(session_id)
        return RedirectResponse(f"{security.PATH}?done=ended#sessions", SEE_OTHER)

    return router
