"""Service accounts of the organisation that is open: all of them, making one, and one with its secret and keys."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import read_form
from fogbank.portal.page import Context
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.rules.expiry import overlap_seconds
from fogbank.portal.settings import machines
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.keys import rotated_note
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.settings.setting_up import new_act
from fogbank.portal.views.settings.key_form import MachineForm, read_machine_form
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

DONE = {"revoked": "It is revoked, and refused from now on."}


def machine_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=machines.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_machines(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        context = await machines.list_context(visit, DONE.get(done, ""))
        return visit.remember_account(pages.answer(request, "settings/machines.html", **context))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        machines.require_managing(visit)
        context = await machines.form_context(visit, MachineForm(new_act(reception)))
        return pages.answer(request, "settings/machine_form.html", **context)

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), read_machine_form(await read_form(request))
        machines.require_managing(visit)
        made = await _made(reception, visit, form)
        if isinstance(made, MachineForm):
            context = await machines.form_context(visit, made)
            return pages.answer(request, "settings/machine_form.html", status=made.refusal.status, **context)
        return pages.answer(request, "settings/secret.html", **made)

    @router.get("/{account_id}")
    async def read_machine(request: Request, account_id: str, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        account = await machines.machine_of(visit, account_id)
        context = await machines.machine_context(visit, account, new_act(reception), DONE.get(done, ""))
        return pages.answer(request, "settings/machine.html", **context)

    return router


def machine_act_routes(reception: Reception) -> APIRouter:
    """What can be done with one service account."""
    pages = reception.pages
    router = APIRouter(prefix=f"{machines.PATH}/{{account_id}}", route_class=page_route(pages), include_in_schema=False)

    @router.post("/rotate")
    async def rotate(request: Request, account_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        account, overlap = await machines.machine_of(visit, account_id), form.get("overlap", "")
        act = form.get("key") or new_act(reception)
        made = await own(visit).machines.rotate_secret(account.id, overlap_seconds(overlap), act)
        context = await machines.secret_context(visit, made, rotated_note(overlap))
        return pages.answer(request, "settings/secret.html", **context)

    @router.get("/revoke")
    async def ask_to_revoke(request: Request, account_id: str) -> Response:
        visit = await reception.page_visit(request)
        account = await machines.machine_of(visit, account_id)
        shell = await visit.shell(f"{machines.PATH}/{account.id}")
        return pages.answer(request, "settings/sure.html", shell=shell, sure=machines.revoking(account))

    @router.post("/revoke")
    async def revoke(request: Request, account_id: str) -> Response:
        visit = await reception.visit(request)
        account = await machines.machine_of(visit, account_id)
        await own(visit).machines.revoke(account.id)
        return RedirectResponse(f"{machines.PATH}?account={account.org_id}&done=revoked", SEE_OTHER)

    return router


async def _made(reception: Reception, visit: Visit, form: MachineForm) -> MachineForm | Context:
    """What shows the new account's secret; the form again where it was refused."""
    try:
        made = await own(visit).machines.create(
            visit.account.id,
            name=form.name,
            role=form.role,
            scopes=sorted(form.scopes),
            once=form.key or new_act(reception),
        )
    except Problem as problem:
        if not is_for_the_form(problem):
            raise
        return form.refused(problem, COMPONENT, new_act(reception))
    return await machines.secret_context(visit, made, machines.MADE)
