"""Static files, under an address that holds the digest of their content: kept by browsers for a year."""

from fastapi import APIRouter, Request, Response

from fogbank.portal.assets import Assets
from fogbank.runtime.http.caller import no_route

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}


def file_routes(assets: Assets) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{digest}/{name}")
    async def read_file(request: Request, digest: str, name: str) -> Response:
        asset = assets.by_name.get(name)
        if asset is None or digest != assets.digest:
            raise no_route(request.url.path)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.gzipped, 200, {**FOR_EVER, "content-encoding": "gzip"}, asset.media_type)
        return Response(asset.plain, 200, FOR_EVER, asset.media_type)

    return router
