"""How components speak to each other: HTTP, in memory or over the wire, with views in and views out.

A client sends and decodes dataclasses by msgspec, shows its token, passes the request id on, and turns a problem
document back into the `Problem` that the other side raised.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
import msgspec

from fogbank.runtime.problems import PROBLEM_JSON, TYPE_PREFIX, Problem
from fogbank.runtime.request_id import REQUEST_ID_HEADER, request_id

T = TypeVar("T")

TokenSource = Callable[[], Awaitable[str]]
"""Gives a bearer token that is good for at least the next request."""

Params = Mapping[str, Any]
Headers = Mapping[str, str | bytes]
"""What is more than ASCII is sent in UTF-8."""

DOCUMENT_MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})

NOTHING = b"null"
"""What an answer without a body (204) says."""


@dataclass(frozen=True, slots=True)
class ServiceHttp:
    """Speaks to one base URL as one caller."""

    http: httpx.AsyncClient
    token: TokenSource | None = None

    def as_caller(self, token: str) -> "ServiceHttp":
        """The same service, called with this caller's own token."""

        async def given() -> str:
            return token

        return replace(self, token=given)

    async def get(self, path: str, *, params: Params | None = None, as_: type[T]) -> T:
        """What `path` answers, decoded; raises the `Problem` it answers with, or one of 503 when it is not there."""
        return _decoded(await self._send("GET", path, params=_present(params)), as_)

    async def post(self, path: str, body: object, *, as_: type[T], headers: Headers | None = None) -> T:
        """What `path` answers to `body` (a dataclass, mapping or list), decoded. Problems as with `get`."""
        sent: Headers = {"content-type": "application/json", **(headers or {})}
        return _decoded(await self._send("POST", path, content=msgspec.json.encode(body), headers=sent), as_)

    async def put(self, path: str, body: object, *, as_: type[T], headers: Headers | None = None) -> T:
        """The same with PUT."""
        sent: Headers = {"content-type": "application/json", **(headers or {})}
        return _decoded(await self._send("PUT", path, content=msgspec.json.encode(body), headers=sent), as_)

    async def patch(self, path: str, body: object, *, as_: type[T], headers: Headers | None = None) -> T:
        """The same with PATCH."""
        sent: Headers = {"content-type": "application/json", **(headers or {})}
        return _decoded(await self._send("PATCH", path, content=msgspec.json.encode(body), headers=sent), as_)

    async def delete(self, path: str, *, headers: Headers | None = None) -> None:
        """Delete what `path` names. Problems as with `get`."""
        _raise_problem(await self._send("DELETE", path, headers=headers))

    async def _send(self, method: str, path: str, *, headers: Headers | None = None, **rest: Any) -> httpx.Response:
        sent: dict[str, str | bytes] = {REQUEST_ID_HEADER: request_id(), **(headers or {})}
        if self.token is not None:
            sent["authorization"] = f"Bearer {await self.token()}"
        try:
            return await self.http.request(method, path, headers=_encoded(sent), **rest)
        except httpx.TransportError as error:
            raise unreachable(str(self.http.base_url), error) from error


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]


def unreachable(base_url: str, error: httpx.TransportError) -> Problem:
    """503, for a service that is not there or does not answer in time; 502, for one that broke off."""
    reason = str(error).rstrip(".") or type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.TimeoutException):
        return Problem(503, "service-unavailable", f"The service at {base_url} does not answer: {reason}.")
    return Problem(502, "bad-answer", f"The service at {base_url} does not answer to the end: {reason}.")


def _present(params: Params | None) -> Params | None:
    return None if params is None else {name: value for name, value in params.items() if value is not None}


def _decoded(response: httpx.Response, as_: type[T]) -> T:
    _raise_problem(response)
    try:
        return msgspec.json.decode(response.content or NOTHING, type=as_)
    except msgspec.DecodeError as error:
        detail = (
            f"{response.request.url} answered something else than agreed; is it Fogbank, of this version? ({error})"
        )
        raise Problem(502, "bad-answer", detail) from error


def _raise_problem(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.headers.get("content-type", "").startswith(PROBLEM_JSON):
        raise _problem_of(msgspec.json.decode(response.content, type=dict[str, Any]), response)
    detail = f"{response.request.method} {response.request.url.path} answered {response.status_code}."
    raise Problem(502, "bad-answer", detail)


def _problem_of(document: dict[str, Any], response: httpx.Response) -> Problem:
    return Problem(
        response.status_code,
        str(document.get("type", "")).removeprefix(TYPE_PREFIX),
        str(document.get("detail", "")),
        extra={name: value for name, value in document.items() if name not in DOCUMENT_MEMBERS},
        headers={"retry-after": response.headers["retry-after"]} if "retry-after" in response.headers else None,
    )
