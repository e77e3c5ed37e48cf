"""What can be done with one webhook, by plain form posts."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.kernel.ids import is_id
from fogbank.notifications.client import WebhookView
from fogbank.portal import webhooks_page
from fogbank.portal.forms import read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import not_found

PREFIX = f"{webhooks_page.PATH}/{{webhook_id}}"
RENEWED = "For a day, posts are signed with this one and with the one before, so take your time to put it in place."


def webhook_act_routes(reception: Reception) -> APIRouter:
    """What can be taken back."""
    router = APIRouter(prefix=PREFIX, route_class=page_route(reception.pages), include_in_schema=False)

    @router.post("/enabled")
    async def set_enabled(request: Request, webhook_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        is_enabled = form.get("enabled") == "yes"
        await visit.desk.webhooks.set_enabled(webhook.id, is_enabled=is_enabled)
        return _back(webhook, "enabled" if is_enabled else "disabled")

    @router.post("/test")
    async def test(request: Request, webhook_id: str) -> Response:
        visit = await reception.visit(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        await visit.desk.webhooks.test(webhook.id)
        return _back(webhook, "tested")

    @router.post("/replay")
    async def replay(request: Request, webhook_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        webhook, delivery_id = await webhooks_page.webhook_of(visit, webhook_id), form.get("id", "")
        if not is_id(delivery_id):
            raise not_found("delivery", delivery_id)
        await visit.desk.webhooks.replay(webhook.id, delivery_id)
        return _back(webhook, "replayed")

    return router


def webhook_grave_routes(reception: Reception) -> APIRouter:
    """What is asked twice before it is done: a new secret, and deleting."""
    pages = reception.pages
    router = APIRouter(prefix=PREFIX, route_class=page_route(pages), include_in_schema=False)

    @router.post("/secret")
    async def make_secret(request: Request, webhook_id: str) -> Response:
        visit = await reception.visit(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        made = await visit.desk.webhooks.new_secret(webhook.id)
        context = await webhooks_page.secret_context(visit, webhook, made.secret, RENEWED)
        return pages.answer(request, "webhook_secret.html", **context)

    @router.get("/{act}")
    async def confirm(request: Request, webhook_id: str, act: str) -> Response:
        visit = await reception.visit(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        if act not in ("delete", "secret"):
            raise not_found("page", act)
        context = await webhooks_page.secret_context(visit, webhook, "", "")
        return pages.answer(request, f"webhook_confirm_{act}.html", **context)

    @router.post("/delete")
    async def delete(request: Request, webhook_id: str) -> Response:
        visit = await reception.visit(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        await visit.desk.webhooks.delete(webhook.id)
        query = urlencode({"account": webhook.account_id, "done": "deleted"})
        return RedirectResponse(f"{webhooks_page.PATH}?{query}", SEE_OTHER)

    return router


def _back(webhook: WebhookView, done: str) -> Response:
    query = urlencode({"account": webhook.account_id, "done": done})
    return RedirectResponse(f"{webhooks_page.PATH}/{webhook.id}?{query}", SEE_OTHER)
