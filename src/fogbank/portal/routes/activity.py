"""The activity log of the account that is open, and its exports."""

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from fogbank.portal.activity import page
from fogbank.portal.page_route import page_route
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import not_found

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


def activity_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=page.PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_activity(request: Request) -> Response:
        visit = await reception.page_visit(request)
        context = await page.context(visit, page.read_query(visit, request.query_params))
        return visit.remember_account(pages.answer(request, "activity/activity.html", **context))

    @router.get("/export")
    async def export(request: Request) -> Response:
        visit = await reception.visit(request)
        format_ = request.query_params.get("format", "")
        if format_ not in MEDIA_TYPES:
            raise not_found("export", format_)
        parts = await page.exported(visit, page.read_query(visit, request.query_params), format_)
        disposition = f'attachment; filename="{page.file_name(visit, format_)}"'
        headers = {"content-disposition": disposition, "cache-control": "no-store"}
        return StreamingResponse(parts, media_type=MEDIA_TYPES[format_], headers=headers)

    return router
