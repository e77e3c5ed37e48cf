"""Webhooks: all of them, making one, and one with its log."""

from fastapi import APIRouter, Request, Response

from fogbank.portal import webhooks_page
from fogbank.portal.forms import read_form
from fogbank.portal.notices_page import COMPONENT
from fogbank.portal.page import Context
from fogbank.portal.page_route import NOT_FOUND, UNAUTHORIZED, page_route
from fogbank.portal.refusals import refusal_of
from fogbank.portal.views.webhooks import FIELDS, HookForm, read_hook_form
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

DONE = {
    "deleted": "The webhook is deleted, with its log.",
    "enabled": "The webhook is enabled. What happens from now on is sent to it.",
    "disabled": "The webhook is disabled. What waited to be sent was dropped.",
    "tested": "A test is on its way. What comes of it is in the log in a moment.",
    "replayed": "It is on its way again.",
}
MADE = "Every post is signed with it. Verify that before you believe one."


def webhook_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=webhooks_page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_webhooks(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await webhooks_page.list_context(visit, DONE.get(done, ""))
        return visit.remember_account(pages.answer(request, "webhooks.html", **context))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        webhooks_page.require_managing(visit)
        context = await webhooks_page.form_context(visit, webhooks_page.new_form(reception.entropy))
        return pages.answer(request, "webhook_form.html", **context)

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), read_hook_form(await read_form(request))
        made = await _made(visit, form)
        if isinstance(made, HookForm):
            context = await webhooks_page.form_context(visit, made)
            return pages.answer(request, "webhook_form.html", status=made.refusal.status, **context)
        return pages.answer(request, "webhook_secret.html", **made)

    @router.get("/{webhook_id}")
    async def read_webhook(request: Request, webhook_id: str, before: str = "", done: str = "") -> Response:
        visit = await reception.page_visit(request)
        webhook = await webhooks_page.webhook_of(visit, webhook_id)
        is_cursor = before.isascii() and before.isdecimal()
        context = await webhooks_page.hook_context(visit, webhook, before if is_cursor else "", DONE.get(done, ""))
        return pages.answer(request, "webhook.html", **context)

    return router


async def _made(visit: Visit, form: HookForm) -> HookForm | Context:
    """What shows the new webhook's secret; the form again where it was refused."""
    org_id = visit.account.id if visit.account.is_organization else None
    try:
        made = await visit.desk.webhooks.create(
            form.url, sorted(form.events), org_id=org_id, description=form.description, key=form.key
        )
    except Problem as problem:
        if problem.status in (UNAUTHORIZED, NOT_FOUND):
            raise
        return form.refused(refusal_of(problem, COMPONENT, FIELDS))
    return await webhooks_page.secret_context(visit, made.webhook, made.secret, MADE)
