"""The page of one thing that holds a secret, what can be done with that, and the forms that make and change one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.forms import new_act, read_form
from fogbank.portal.page import Context
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import COMPONENT
from fogbank.portal.settings.secrets import Holder
from fogbank.portal.views.settings.key_form import MachineForm
from fogbank.portal.views.settings.secret import Shown
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

T = TypeVar("T")


def secret_routes(reception: Reception, holder: Holder[T], done_words: Mapping[str, str]) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=f"{holder.path}/{{id_}}", route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_one(request: Request, id_: str, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        thing = await holder.find(visit, id_)
        context = await holder.page(visit, thing, new_act(reception.entropy), done_words.get(done, ""))
        return pages.answer(request, holder.template, **context)

    @router.post("/rotate")
    async def rotate(request: Request, id_: str) -> Response:
        visit, form = await reception.visit(request), await read_form(request)
        thing = await holder.find(visit, id_)
        rotating = holder.rotate(visit, thing, form.get("overlap", ""), form.get("key") or new_act(reception.entropy))
        try:
            return await show_secret(reception, request, visit, rotating)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            context = await holder.page(visit, thing, new_act(reception.entropy), problem=problem.detail)
            return pages.answer(request, holder.template, status=problem.status, **context)

    @router.get("/revoke")
    async def ask_to_revoke(request: Request, id_: str) -> Response:
        visit = await reception.page_visit(request)
        sure = holder.revoking(await holder.find(visit, id_))
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(sure.back), sure=sure)

    @router.post("/revoke")
    async def revoke(request: Request, id_: str) -> Response:
        visit = await reception.visit(request)
        thing = await holder.find(visit, id_)
        await holder.revoke(visit, thing)
        listed_at = holder.listed_at(thing)
        return RedirectResponse(f"{listed_at}{'&' if '?' in listed_at else '?'}done=revoked", SEE_OTHER)

    return router


@dataclass(frozen=True, slots=True)
class FormPage:
    """The page of a form, which comes again, saying why, where what it asks for is refused."""

    reception: Reception
    template: str
    context: Callable[[Visit, MachineForm], Awaitable[Context]]

    async def show(self, request: Request, visit: Visit, form: MachineForm) -> Response:
        context = await self.context(visit, form)
        return self.reception.pages.answer(request, self.template, status=form.refusal.status, **context)

    async def submit(self, request: Request, visit: Visit, form: MachineForm, doing: Awaitable[Response]) -> Response:
        try:
            return await doing
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            return await self.show(request, visit, form.refused(problem, COMPONENT, new_act(self.reception.entropy)))


async def show_secret(reception: Reception, request: Request, visit: Visit, making: Awaitable[Shown]) -> Response:
    """The page that shows, this once, the secret of what is made."""
    shown = await making
    shell = await visit.shell(shown.back)
    return reception.pages.answer(request, "settings/secret.html", shell=shell, shown=shown)
