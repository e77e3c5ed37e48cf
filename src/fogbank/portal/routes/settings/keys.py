"""API keys: one's own, making one (for a service account, too), and one with what can be done with it."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client.keys import NewKey
from fogbank.portal.forms import read_form
from fogbank.portal.page import Context
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.rules.expiry import end_of_life, overlap_seconds
from fogbank.portal.settings import keys
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.settings.setting_up import new_act
from fogbank.portal.views.settings.key_form import MachineForm, read_machine_form
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

DONE = {"renamed": "The key has its new name.", "revoked": "The key is revoked. It is refused from now on."}


def key_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=keys.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_keys(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        return pages.answer(request, "settings/keys.html", **await keys.list_context(visit, DONE.get(done, "")))

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        form = MachineForm(new_act(reception), owner_id=request.query_params.get("for", ""))
        return pages.answer(request, "settings/key_form.html", **await keys.form_context(visit, form))

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await reception.visit(request), read_machine_form(await read_form(request))
        made = await _made(reception, visit, form)
        if isinstance(made, MachineForm):
            context = await keys.form_context(visit, made)
            return pages.answer(request, "settings/key_form.html", status=made.refusal.status, **context)
        return pages.answer(request, "settings/secret.html", **made)

    @router.get("/{key_id}")
    async def read_key(request: Request, key_id: str, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        key = await keys.key_of(visit, key_id)
        context = await keys.key_context(visit, key, new_act(reception), DONE.get(done, ""))
        return pages.answer(request, "settings/key.html", **context)

    return router


def key_act_routes(reception: Reception) -> APIRouter:
    """What can be done with one key."""
    pages = reception.pages
    router = APIRouter(prefix=f"{keys.PATH}/{{key_id}}", route_class=page_route(pages), include_in_schema=False)

    @router.post("/name")
    async def rename(request: Request, key_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        key = await keys.key_of(visit, key_id)
        await own(visit).keys.rename(key.id, form.get("name", ""))
        return RedirectResponse(f"{keys.PATH}/{key.id}?done=renamed", SEE_OTHER)

    @router.post("/rotate")
    async def rotate(request: Request, key_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        key, overlap = await keys.key_of(visit, key_id), form.get("overlap", "")
        act = form.get("key") or new_act(reception)
        try:
            made = await own(visit).keys.rotate(key.id, overlap_seconds(overlap), act)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            context = await keys.key_context(visit, key, new_act(reception), problem=problem.detail)
            return pages.answer(request, "settings/key.html", status=problem.status, **context)
        context = await keys.secret_context(visit, made, keys.rotated_note(overlap))
        return pages.answer(request, "settings/secret.html", **context)

    @router.get("/revoke")
    async def ask_to_revoke(request: Request, key_id: str) -> Response:
        visit = await reception.page_visit(request)
        key = await keys.key_of(visit, key_id)
        shell = await visit.shell(f"{keys.PATH}/{key.id}")
        return pages.answer(request, "settings/sure.html", shell=shell, sure=keys.revoking(key))

    @router.post("/revoke")
    async def revoke(request: Request, key_id: str) -> Response:
        visit = await reception.visit(request)
        key = await keys.key_of(visit, key_id)
        await own(visit).keys.revoke(key.id)
        return RedirectResponse(f"{keys.back_of(key.service_account_id)}?done=revoked", SEE_OTHER)

    return router


async def _made(reception: Reception, visit: Visit, form: MachineForm) -> MachineForm | Context:
    """What shows the new key; the form again where it was refused."""
    wanted = NewKey(
        name=form.name,
        scopes=sorted(form.scopes),
        expires_at=end_of_life(form.life, visit.now),
        networks=form.network_list,
        service_account_id=form.owner_id or None,
    )
    try:
        made = await own(visit).keys.create(wanted, form.key or new_act(reception))
    except Problem as problem:
        if not is_for_the_form(problem):
            raise
        return form.refused(problem, COMPONENT, new_act(reception))
    return await keys.secret_context(visit, made, keys.MADE)
