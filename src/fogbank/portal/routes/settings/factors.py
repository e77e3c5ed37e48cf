"""An app for one-time codes, and recovery codes."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import new_act, read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.settings import security, setting_up
from fogbank.portal.settings.faults import fault_of, is_for_the_form
from fogbank.portal.settings.own import own
from fogbank.portal.settings.profile import NOTHING, Typed
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

RENEWED = "These are your new recovery codes. Those before are taken no more."
RENEWING = Sure(
    title="Make new recovery codes?",
    text="You get ten new ones, shown once. Those that you have now are taken no more.",
    act="Make new codes",
    back=setting_up.BACK,
    keep="Keep the old ones",
)


def app_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=f"{security.PATH}/app", route_class=page_route(pages), include_in_schema=False)

    @router.post("")
    async def begin(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        context = await setting_up.app_context(visit, form.get("key") or new_act(reception.entropy), NOTHING)
        return pages.answer(request, "settings/app.html", **context)

    @router.post("/confirm")
    async def confirm(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        try:
            made = await own(visit).factors.confirm_totp(form.get("code", "").strip() or "-")
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            typed = Typed({}, *fault_of(problem, {"code": "code"}))
            context = await setting_up.app_context(visit, form.get("seed") or new_act(reception.entropy), typed)
            return pages.answer(request, "settings/app.html", status=problem.status, **context)
        return await codes_or_back(reception, request, visit, made.recovery_codes, "app")

    @router.get("/remove")
    async def ask_to_remove(request: Request) -> Response:
        visit = await reception.page_visit(request)
        sure = await setting_up.removing_app(visit)
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=sure)

    @router.post("/remove")
    async def remove(request: Request) -> Response:
        visit = await reception.visit(request)
        await own(visit).factors.remove_totp()
        return RedirectResponse(f"{security.PATH}?done=app-removed#factors", SEE_OTHER)

    return router


def recovery_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=f"{security.PATH}/codes", route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def ask_to_renew(request: Request) -> Response:
        visit = await reception.page_visit(request)
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=RENEWING)

    @router.post("")
    async def renew(request: Request) -> Response:
        visit = await reception.visit(request)
        made = await own(visit).factors.renew_recovery_codes()
        context = await setting_up.codes_context(visit, made.recovery_codes, RENEWED)
        return pages.answer(request, "settings/codes.html", **context)

    return router


async def codes_or_back(
    reception: Reception, request: Request, visit: Visit, codes: Sequence[str], done: str
) -> Response:
    """Recovery codes, where they came with a first factor; else back to the factors."""
    if codes:
        context = await setting_up.codes_context(visit, codes, FIRST[done])
        return reception.pages.answer(request, "settings/codes.html", **context)
    return RedirectResponse(f"{security.PATH}?done={done}#factors", SEE_OTHER)


FIRST = {
    "app": "The app counts. One more thing: these codes let you in when you lose it.",
    "passkey": "The passkey is added. One more thing: these codes let you in when you lose it.",
}
