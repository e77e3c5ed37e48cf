"""The forms of alerts: setting one, and changing it."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal import alerts_page
from fogbank.portal.alerts_setting import change_alert, changeable_threshold, is_of_another_account, set_alert
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.rules.limits import BY_NAME, RESOURCES, offered
from fogbank.portal.views.alert_form import form_of, new_form
from fogbank.portal.views.alert_form import read_form as read_alert
from fogbank.portal.views.alerts import alert_path
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

FORBIDDEN = 403


def alert_form_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=alerts_page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("/new")
    async def read_new(request: Request, resource: str = "") -> Response:
        visit = await _setting_visit(reception, request)
        form = new_form(alerts_page.threshold_id(reception.entropy), resource, offered(visit.rights))
        return pages.answer(request, "alert_form.html", **await alerts_page.form_context(visit, form))

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, typed = await _setting_visit(reception, request), await read_form(request)
        resource = BY_NAME.get(typed.get("resource", ""), RESOURCES[0])
        form = await set_alert(visit, read_alert(typed, resource, typed.get("id", "")))
        if form is None:
            return back_to_alerts(visit, "created")
        context = await alerts_page.form_context(visit, form)
        return pages.answer(request, "alert_form.html", status=form.refusal.status, **context)

    @router.get("/{threshold_id}")
    async def read_alert_form(request: Request, threshold_id: str) -> Response:
        visit = await reception.visit(request)
        threshold = await changeable_threshold(visit, threshold_id)
        if is_of_another_account(visit, threshold):
            return RedirectResponse(alert_path(threshold.account_id, threshold.id), SEE_OTHER)
        context = await alerts_page.form_context(visit, form_of(threshold), threshold)
        return pages.answer(request, "alert_form.html", **context)

    @router.post("/{threshold_id}")
    async def change(request: Request, threshold_id: str) -> Response:
        visit, typed = await reception.visit(request), await read_form(request)
        threshold = await changeable_threshold(visit, threshold_id)
        form = read_alert(typed, form_of(threshold).resource, threshold.id)
        refused = await change_alert(visit, form, threshold)
        if refused is None:
            return back_to_alerts(visit, "changed")
        context = await alerts_page.form_context(visit, refused, threshold)
        return pages.answer(request, "alert_form.html", status=refused.refusal.status, **context)

    return router


async def _setting_visit(reception: Reception, request: Request) -> Visit:
    """The visit of somebody who may set alerts here."""
    visit = await reception.visit(request)
    if not visit.rights.any:
        raise Problem(FORBIDDEN, "not-permitted", "Your role in this organisation does not set alerts.")
    return visit


def back_to_alerts(visit: Visit, done: str) -> Response:
    """The page of alerts, saying what was done."""
    query = urlencode({"account": visit.account.id, "done": done})
    return RedirectResponse(f"{alerts_page.PATH}?{query}", SEE_OTHER)
