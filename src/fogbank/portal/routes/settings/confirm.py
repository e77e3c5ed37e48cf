"""Confirming that it is still who signed in, by a password, a code or a passkey, on the way to something else."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client.factors import FactorsClient
from fogbank.portal import proof
from fogbank.portal.forms import read_answer, read_form
from fogbank.portal.page_route import SEE_OTHER, own_path, page_route
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

REPEAT = 307
WRONG = frozenset({"wrong-code", "too-many-attempts", "invalid-request", "no-passkey", "passkeys-unavailable"})
"""What is said on the page, which then asks again."""


def confirm_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=proof.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_confirm(request: Request, next: str = "/settings/security") -> Response:  # noqa: A002
        factors, back = await _factors(reception, request), own_path(next)
        standing = await factors.proof()
        if standing.until is not None:
            return RedirectResponse(back, SEE_OTHER)
        return proof.show(pages, request, proof.Asking(standing.methods, back))

    @router.post("")
    async def confirm(request: Request) -> Response:
        factors, form = await _factors(reception, request), await read_form(request)
        asking = proof.read_asking(form)
        try:
            method = form.get(proof.METHOD, "")
            answer = read_answer(form) if method == "passkey" else None
            await factors.confirm(method, code=form.get(proof.CODE), answer=answer)
        except Problem as problem:
            if problem.kind not in WRONG:
                raise
            refused = asking.refused(_sentence(problem), own_path(asking.next))
            return proof.show(pages, request, refused, problem.status)
        again = own_path(asking.again) if asking.again else ""
        if again and again == asking.again:
            return RedirectResponse(again, REPEAT)
        return RedirectResponse(own_path(asking.next), SEE_OTHER)

    return router


async def _factors(reception: Reception, request: Request) -> FactorsClient:
    person = await reception.sessions.person(request)
    return FactorsClient(reception.accounts.service.as_caller(person.token))


def _sentence(problem: Problem) -> str:
    if problem.kind == "invalid-request":
        return "Nothing was shown that could be checked. Try again."
    return problem.detail
