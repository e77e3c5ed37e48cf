"""One's passkeys: made by the page's script, named, and removed."""

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import read_answer, read_form
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.proof import PROOF_NEEDED, confirm_path
from fogbank.portal.rendering import PAGE_HEADERS
from fogbank.portal.routes.settings.factors import codes_or_back
from fogbank.portal.settings import security, setting_up
from fogbank.portal.settings.own import own
from fogbank.portal.views.settings.factors import elsewhere, proposed_name
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

PATH = f"{security.PATH}/passkeys"
NAME_CHARACTERS_MAX = 200
JSON = "application/json"


def passkey_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        factors = own(visit).factors
        there = elsewhere((await factors.mine()).passkeys_at, security.origin_of(request))
        if there is None and (await factors.proof()).until is None:
            return RedirectResponse(confirm_path(f"{PATH}/new"), SEE_OTHER)
        return pages.answer(
            request,
            "settings/passkey.html",
            shell=await visit.shell(security.PATH),
            name=proposed_name(request.headers.get("user-agent", "")),
            elsewhere=there,
        )

    @router.post("/begin")
    async def begin(request: Request) -> Response:
        """What the script takes: the browser's options, or why there are none."""
        visit = await reception.visit(request)
        try:
            options = await own(visit).factors.begin_passkey()
        except Problem as problem:
            if problem.kind == PROOF_NEEDED:
                raise
            return _json({"detail": problem.detail}, problem.status)
        return _json({"public_key": options.public_key})

    @router.post("")
    async def add(request: Request) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        name = form.get("name", "").strip()[:NAME_CHARACTERS_MAX] or proposed_name("")
        made = await own(visit).factors.add_passkey(name, read_answer(form))
        return await codes_or_back(reception, request, visit, made.recovery_codes, "passkey")

    return router


def passkey_act_routes(reception: Reception) -> APIRouter:
    """What can be done with one."""
    pages = reception.pages
    router = APIRouter(prefix=f"{PATH}/{{passkey_id}}", route_class=page_route(pages), include_in_schema=False)

    @router.get("/rename")
    async def read_rename(request: Request, passkey_id: str) -> Response:
        visit = await reception.page_visit(request)
        passkey = await security.passkey_of(visit, passkey_id)
        shell = await visit.shell(security.PATH)
        return pages.answer(request, "settings/passkey_name.html", shell=shell, passkey=passkey)

    @router.post("/rename")
    async def rename(request: Request, passkey_id: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        passkey = await security.passkey_of(visit, passkey_id)
        await own(visit).factors.rename_passkey(passkey.id, form.get("name", ""))
        return RedirectResponse(f"{security.PATH}?done=renamed#factors", SEE_OTHER)

    @router.get("/remove")
    async def ask_to_remove(request: Request, passkey_id: str) -> Response:
        visit = await reception.page_visit(request)
        sure = await setting_up.removing_passkey(visit, await security.passkey_of(visit, passkey_id))
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=sure)

    @router.post("/remove")
    async def remove(request: Request, passkey_id: str) -> Response:
        visit = await reception.visit(request)
        passkey = await security.passkey_of(visit, passkey_id)
        await own(visit).factors.remove_passkey(passkey.id)
        return RedirectResponse(f"{security.PATH}?done=passkey-removed#factors", SEE_OTHER)

    return router


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, PAGE_HEADERS, JSON)
