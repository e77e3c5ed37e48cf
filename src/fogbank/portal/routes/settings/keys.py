"""API keys: one's own, making one (for a service account, too), and giving one another name."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import new_act, read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.routes.settings.secrets import FormPage, secret_routes, show_secret
from fogbank.portal.settings import keys
from fogbank.portal.settings.own import own
from fogbank.portal.views.settings.key_form import MachineForm, read_machine_form
from fogbank.portal.visit import Reception

DONE = {"renamed": "The key has its new name.", "revoked": "The key is revoked. It is refused from now on."}


def key_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=keys.PATH, route_class=page_route(pages), include_in_schema=False)
    form_page = FormPage(reception, "settings/key_form.html", keys.form_context)

    @router.get("")
    async def read_keys(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        return pages.answer(request, "settings/keys.html", **await keys.list_context(visit, DONE.get(done, "")))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        form = MachineForm(new_act(reception.entropy), owner_id=request.query_params.get("for", ""))
        return await form_page.show(request, visit, form)

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), read_machine_form(await read_form(request))
        making = keys.create(visit, form, form.key or new_act(reception.entropy))
        return await form_page.submit(request, visit, form, show_secret(reception, request, visit, making))

    @router.post("/{key_id}/name")
    async def rename(request: Request, key_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        key = await keys.key_of(visit, key_id)
        await own(visit).keys.rename(key.id, form.get("name", ""))
        return RedirectResponse(f"{keys.PATH}/{key.id}?done=renamed", SEE_OTHER)

    return router


def key_act_routes(reception: Reception) -> APIRouter:
    """What can be done with one key."""
    return secret_routes(reception, keys.HOLDER, DONE)
