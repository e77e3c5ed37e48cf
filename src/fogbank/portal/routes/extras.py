"""Beside the page: its costs as a file, and what the palette finds."""

from fastapi import APIRouter, Request, Response

from fogbank.portal.export import csv_of
from fogbank.portal.page import USUAL
from fogbank.portal.page_route import page_route
from fogbank.portal.query import read_query
from fogbank.portal.rendering import compressed
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.views.palette import jumps
from fogbank.portal.visit import Reception

CSV = "text/csv; charset=utf-8"


def extra_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(route_class=page_route(pages), include_in_schema=False)

    @router.get("/usage.csv")
    async def read_csv(request: Request) -> Response:
        visit, choice = await reception.visit(request), read_query(request.query_params).choice or USUAL
        timezone = visit.formats.timezone
        bars = buckets(choice.span, visit.now, timezone)
        costs = await visit.desk.costs(choice.span, bars, choice.grouping, timezone.key)
        response = compressed(request, csv_of(costs).encode(), CSV)
        name = f"fogbank-costs-{visit.now:%Y-%m-%d}-{choice.span}-by-{choice.grouping}.csv"
        response.headers["content-disposition"] = f'attachment; filename="{name}"'
        return response

    @router.get("/palette")
    async def read_palette(request: Request) -> Response:
        visit = await reception.visit(request)
        instances = await visit.desk.accounts.instances(visit.account.id)
        return pages.answer(request, "palette.html", jumps=jumps(visit.account, visit.person.choices, instances))

    return router
