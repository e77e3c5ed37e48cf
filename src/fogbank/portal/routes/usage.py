"""The Usage page, and the parts of it that htmx fetches by themselves."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fogbank.portal import page
from fogbank.portal.page_route import SEE_OTHER, page_route
from fogbank.portal.query import UsageQuery, read_query
from fogbank.portal.service import PATIENCE_SECONDS
from fogbank.portal.visit import Reception

WITHOUT_WISHES = read_query({})


def usage_routes(reception: Reception) -> APIRouter:
    """The page, and the way to it."""
    pages = reception.pages
    router = APIRouter(route_class=page_route(pages), include_in_schema=False)

    @router.get("/")
    async def read_root() -> Response:
        return RedirectResponse(page.PATH, SEE_OTHER)

    @router.get(page.PATH)
    async def read_usage(request: Request) -> Response:
        visit = await reception.visit(request, patience_seconds=PATIENCE_SECONDS)
        context = await page.whole_page(visit, _query(request))
        return visit.remember_account(pages.answer(request, "usage.html", **context))

    return router


def part_routes(reception: Reception) -> APIRouter:
    """Its parts. They wait longer for a component than the page does, which shows without it first."""
    pages = reception.pages
    router = APIRouter(prefix=f"{page.PATH}/parts", route_class=page_route(pages), include_in_schema=False)

    @router.get("/banner")
    async def read_banner(request: Request) -> Response:
        context = await page.banner_context(await reception.visit(request))
        return pages.answer(request, "parts/banner.html", **context)

    @router.get("/figures")
    async def read_figures(request: Request) -> Response:
        context = await page.figures_context(await reception.visit(request))
        return pages.answer(request, "parts/figures.html", **context)

    @router.get("/chart")
    async def read_chart(request: Request) -> Response:
        context = await page.chart_context(await reception.visit(request), _query(request))
        return pages.answer(request, "parts/chart.html", **context)

    @router.get("/instances")
    async def read_instances(request: Request) -> Response:
        context = await page.table_context(await reception.visit(request), _query(request))
        return pages.answer(request, "parts/instances.html", **context)

    @router.get("/beginning")
    async def read_beginning(request: Request) -> Response:
        context = await page.whole_page(await reception.visit(request), WITHOUT_WISHES)
        if context["beginning"] is None:
            # The first costs are there: now the page is another one.
            return Response(headers={"hx-refresh": "true"})
        return pages.answer(request, "parts/beginning.html", **context)

    return router


def _query(request: Request) -> UsageQuery:
    return read_query(request.query_params)
