"""The gateway: answers some paths by asking another process, so that people see one origin.

Bodies stream both ways. The caller's credentials and the request id go along; cookies do not, since only the portal
knows sessions.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import httpx
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from fogbank.runtime.client import unreachable
from fogbank.runtime.origin import present_origin
from fogbank.runtime.request_id import REQUEST_ID_HEADER, request_id

ASKED_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "x-api-key", "content-type", "content-encoding", "idempotency-key"}
    | {"fogbank-reason", "user-agent"}
)
"""What goes along to the other process."""

ANSWERED_HEADERS = frozenset(
    {"content-type", "content-encoding", "content-length", "content-disposition", "cache-control", "etag"}
    | {"link", "location", "retry-after", "www-authenticate", "ratelimit", "ratelimit-policy"}
)
"""What comes back from it; the rest (ids, security) this process says itself."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Gateway:
    """Path templates, such as `/api/v1/usage/{kind}/{id}/history`, and the process that answers them, by its name."""

    name: str
    paths: Sequence[str]
    http: httpx.AsyncClient


def gateway_routes(gateway: Gateway) -> APIRouter:
    """Routes that forward. The other process describes its own."""
    router = APIRouter(include_in_schema=False)

    async def forward(request: Request) -> Response:
        return await _forwarded(gateway.http, request)

    for path in gateway.paths:
        router.add_api_route(path, forward, methods=list(METHODS), response_model=None)
    return router


async def _forwarded(http: httpx.AsyncClient, request: Request) -> Response:
    asked = http.build_request(
        request.method,
        httpx.URL(path=request.url.path, query=request.url.query.encode()),
        headers={**_only(request.headers, ASKED_HEADERS), **_origin(), REQUEST_ID_HEADER: request_id()},
        content=_body(request),
    )
    try:
        answer = await http.send(asked, stream=True)
    except httpx.TransportError as error:
        raise unreachable(str(http.base_url), error) from error
    return StreamingResponse(
        _answer_body(answer),
        status_code=answer.status_code,
        headers=_only(answer.headers, ANSWERED_HEADERS),
    )


def _origin() -> dict[str, str]:
    """Where the request comes from, as either sort of proxies says it: keys may be limited to networks there too."""
    address = present_origin().address
    if not address:
        return {}
    return {"x-forwarded-for": address, "forwarded": f'for="[{address}]"' if ":" in address else f"for={address}"}


def _body(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


async def _answer_body(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The answer's bytes as they came, still encoded; a break in the middle breaks ours too, never ends it early."""
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()


def _only(headers: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in names}
