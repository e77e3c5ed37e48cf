"""Service accounts of the organisation that is open: all of them, making one, and changing one."""

from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import ServiceAccountView
from fogbank.portal.forms import new_act, read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.routes.settings.secrets import FormPage, secret_routes, show_secret
from fogbank.portal.settings import machines
from fogbank.portal.views.settings.key_form import MachineForm, read_machine_form
from fogbank.portal.visit import Reception, Visit

DONE = {
    "changed": "It is changed, for its tokens and keys as well.",
    "revoked": "It is revoked, and refused from now on.",
}
FORM = "settings/machine_form.html"


def machine_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=machines.PATH, route_class=page_route(pages), include_in_schema=False)
    form_page = FormPage(reception, FORM, machines.form_context)

    @router.get("")
    async def read_machines(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await machines.list_context(visit, DONE.get(done, ""))
        return visit.remember_account(pages.answer(request, "settings/machines.html", **context))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        machines.require_managing(visit)
        return await form_page.show(request, visit, MachineForm(new_act(reception.entropy)))

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), read_machine_form(await read_form(request))
        machines.require_managing(visit)
        making = machines.create(visit, form, form.key or new_act(reception.entropy))
        return await form_page.submit(request, visit, form, show_secret(reception, request, visit, making))

    return router


def machine_act_routes(reception: Reception) -> APIRouter:
    """What can be done with one service account."""
    router = secret_routes(reception, machines.HOLDER, DONE)

    @router.get("/change")
    async def read_change(request: Request, id_: str) -> Response:
        visit = await reception.page_visit(request)
        account = await machines.machine_of(visit, id_)
        return await _change_page(reception, account).show(request, visit, machines.form_of(account))

    @router.post("/change")
    async def change(request: Request, id_: str) -> Response:
        visit, form = await reception.visit(request), read_machine_form(await read_form(request))
        account = await machines.machine_of(visit, id_)
        return await _change_page(reception, account).submit(request, visit, form, _changed(visit, account, form))

    return router


def _change_page(reception: Reception, account: ServiceAccountView) -> FormPage:
    return FormPage(reception, FORM, partial(machines.change_context, account))


async def _changed(visit: Visit, account: ServiceAccountView, form: MachineForm) -> Response:
    await machines.change(visit, account, form)
    return RedirectResponse(f"{machines.PATH}/{account.id}?done=changed", SEE_OTHER)
