"""Links of other issuers, ended. They begin at the door, where an issuer is gone to."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.settings import security
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import own
from fogbank.portal.views.settings.issuers import IssuerRow
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem


def issuer_link_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=f"{security.PATH}/issuers", route_class=page_route(pages), include_in_schema=False)

    @router.get("/{link_id}/unlink")
    async def ask_to_unlink(request: Request, link_id: str) -> Response:
        visit = await reception.page_visit(request)
        sure = _unlinking(await security.link_of(visit, link_id))
        return pages.answer(request, "settings/sure.html", shell=await visit.shell(security.PATH), sure=sure)

    @router.post("/{link_id}/unlink")
    async def unlink(request: Request, link_id: str) -> Response:
        visit = await reception.visit(request)
        row = await security.link_of(visit, link_id)
        try:
            await own(visit).issuers.unlink(row.link_id)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            sure, shell = _unlinking(row, problem.detail), await visit.shell(security.PATH)
            return pages.answer(request, "settings/sure.html", status=problem.status, shell=shell, sure=sure)
        return RedirectResponse(f"{security.PATH}?done=unlinked#issuers", SEE_OTHER)

    return router


def _unlinking(row: IssuerRow, problem: str = "") -> Sure:
    return Sure(
        title=f"Unlink {row.name}?",
        text="It opens your account no more. To link it again, sign in by it once and confirm that it is you.",
        act="Unlink",
        back=f"{security.PATH}#issuers",
        problem=problem,
    )
