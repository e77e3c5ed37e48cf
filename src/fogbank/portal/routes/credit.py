"""Credit: what there is, statements, and single transfers."""

import re

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from fogbank.portal.credit import page
from fogbank.portal.page_route import page_route
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import not_found

CSV = "text/csv; charset=utf-8"
CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,16}-[0-9]{1,19}", re.ASCII)
TRANSFER_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}", re.ASCII)


def credit_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_credit(request: Request) -> Response:
        visit = await reception.page_visit(request)
        return visit.remember_account(pages.answer(request, "credit/credit.html", **await page.context(visit)))

    @router.get("/statement")
    async def read_statement(request: Request, after: str = "") -> Response:
        visit = await reception.page_visit(request)
        period = page.period_of(visit, request.query_params)
        context = await page.statement_context(visit, period, after if CURSOR.fullmatch(after) else "")
        return pages.answer(request, "credit/statement.html", **context)

    @router.get("/statement/export")
    async def export_statement(request: Request) -> Response:
        visit = await reception.visit(request)
        period = page.period_of(visit, request.query_params)
        parts = await page.statement_csv(visit, period)
        name = f"statement_{visit.account.id}_{period.first:%Y%m%d}_{period.last:%Y%m%d}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(parts, media_type=CSV, headers=headers)

    @router.get("/transfer")
    async def read_transfer(request: Request) -> Response:
        visit, transfer_id = await reception.page_visit(request), request.query_params.get("id", "")
        if not TRANSFER_ID.fullmatch(transfer_id):
            raise not_found("transfer", transfer_id)
        return pages.answer(request, "credit/transfer.html", **await page.transfer_context(visit, transfer_id))

    return router
