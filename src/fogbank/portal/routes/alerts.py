"""Alerts: what is firing, what is set, and removing one."""

from fastapi import APIRouter, Request, Response

from fogbank.portal import alerts_page
from fogbank.portal.alerts_setting import changeable_threshold
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.alert_forms import back_to_alerts
from fogbank.portal.visit import Reception

DONE = {
    "created": "The alert is set.",
    "changed": "The alert is changed.",
    "deleted": "The alert is deleted.",
}


def alert_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=alerts_page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_alerts(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await alerts_page.page_context(visit, reception.entropy, DONE.get(done, ""))
        return visit.remember_account(pages.answer(request, "alerts.html", **context))

    @router.get("/parts/firing")
    async def read_firing(request: Request) -> Response:
        context = await alerts_page.firing_context(await reception.visit(request))
        return pages.answer(request, "parts/firing.html", **context)

    @router.get("/{threshold_id}/delete")
    async def read_delete(request: Request, threshold_id: str) -> Response:
        visit = await reception.visit(request)
        context = await alerts_page.delete_context(visit, await changeable_threshold(visit, threshold_id))
        return pages.answer(request, "alert_delete.html", **context)

    @router.post("/{threshold_id}/delete")
    async def delete(request: Request, threshold_id: str) -> Response:
        visit = await reception.visit(request)
        threshold = await changeable_threshold(visit, threshold_id)
        await visit.desk.thresholds.delete(threshold.id)
        return back_to_alerts(visit, "deleted")

    return router
