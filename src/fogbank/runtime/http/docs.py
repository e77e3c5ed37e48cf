"""The API's documentation, offline: Swagger UI from the `fastapi-swagger` wheel, on a page our policy allows."""

from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Response

from fogbank.runtime.http.behind import DESCRIPTION_PATH, described_with
from fogbank.runtime.http.caller import no_route
from fogbank.runtime.http.gateway import Gateway

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
CACHE_A_DAY = {"cache-control": "public, max-age=86400"}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

START = """SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def serve_docs(app: FastAPI, gateway: Gateway | None) -> None:
    """Give `app` its pages under /docs and its OpenAPI document, in which the routes behind `gateway` stand too."""
    router = APIRouter(include_in_schema=False)
    page = PAGE.format(title=escape(app.title))

    @router.get(DESCRIPTION_PATH)
    async def read_description() -> dict[str, Any]:
        own = app.openapi()
        return own if gateway is None else await described_with(gateway, own)

    @router.get("/docs")
    async def read_docs() -> Response:
        return Response(page, media_type="text/html")

    @router.get("/docs/start.js")
    async def read_start() -> Response:
        return Response(START, media_type="text/javascript")

    @router.get("/docs/{name}")
    async def read_asset(name: str) -> Response:
        if name not in ASSETS:
            raise no_route(f"/docs/{name}")
        return Response(_asset(name), media_type=ASSETS[name], headers=CACHE_A_DAY)

    app.include_router(router)


@cache
def _asset(name: str) -> bytes:
    return files("fastapi_swagger.resources").joinpath(name).read_bytes()
