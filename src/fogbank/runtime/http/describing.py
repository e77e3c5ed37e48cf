"""What the API's description says besides its routes: how to begin, how to show who one is, what headers tell."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from fogbank.runtime.http.caller import current_caller
from fogbank.runtime.http.quick import QuickRoute

INTRODUCTION = """
What a compute network uses, what it costs, and who pays.

* **Who you are**: `Authorization: Bearer` with a token or an API key, or `X-API-Key`. What is somebody else's is 404.
* **Money** is a decimal string of credits, **quantities** are decimal strings of whole units, **times** are RFC 3339.
* **Lists** come in pages of `limit`; `next_cursor` of one page, given as `after` (or `before`, where the newest come
  first), brings the next. It is null on the last.
* **Errors** are RFC 9457 problem documents: `type` is stable, `detail` says what is wrong and what to do.
* **Once**: a POST under an `Idempotency-Key` is done once in 30 days, however often it is sent.
* **Why**: an administrator who changes what is somebody else's says so in `Fogbank-Reason`.
* **How often**: `RateLimit` says what is left in this minute; beyond it, 429 with `Retry-After`.
"""

SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of `POST /api/v1/auth/token`, good for five minutes; or an API key.",
    },
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key: `fb_live_…`."},
}
SIGNED_IN: list[dict[str, list[str]]] = [{"token": []}, {"api_key": []}]
"""The `security` of a route that wants to know who calls."""

HEADERS = {
    "RateLimit": 'The tightest limit, what is left of it, and in how many seconds there is more: `"key";r=2999;t=1`.',
    "RateLimit-Policy": 'That limit: so many requests (`q`) in so many seconds (`w`): `"key";q=3000;w=60`.',
    "Retry-After": "In how many seconds to try again.",
    "X-Request-Id": "Names the request; our logs have it too.",
}
TOLD = ("RateLimit", "RateLimit-Policy", "X-Request-Id")
"""What answers say that are no problems."""
WAITING = {"429": ("Retry-After", *TOLD), "503": ("Retry-After", "X-Request-Id")}


def example(value: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: what its 200 looks like."""
    return {200: {"content": {"application/json": {"example": value}}}}


def operation_id(route: APIRoute) -> str:
    """`ledger_read_balance`: what generated clients call it."""
    component = str(route.tags[0]).replace(" ", "_").replace("-", "_").lower() if route.tags else "fogbank"
    return f"{component}_{route.name}"


def routes_with_callers(routers: Iterable[APIRouter]) -> set[tuple[str, str]]:
    """Method and path of each route that asks who calls. Quick ones, which read their arguments by hand, all do."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return {
        (method.lower(), route.path_format)
        for route in routes
        if isinstance(route, QuickRoute) or _asks_who_calls(route.dependant)
        for method in route.methods or ()
    }


def _asks_who_calls(dependant: Dependant) -> bool:
    return any(each.call is current_caller or _asks_who_calls(each) for each in dependant.dependencies)


def describe_callers(document: dict[str, Any], with_callers: set[tuple[str, str]]) -> dict[str, Any]:
    """The OpenAPI document with how to show who one is, where that is asked, and the headers of answers."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components["headers"] = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.items()
    }
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if (method, path) in with_callers:
                operation.setdefault("security", SIGNED_IN)
            _describe_headers(operation["responses"])
    return document


def _describe_headers(responses: Mapping[str, Any]) -> None:
    for status, response in responses.items():
        names = TOLD if status.startswith("2") else WAITING.get(status, ())
        told = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        if told:
            response["headers"] = {**told, **response.get("headers", {})}
