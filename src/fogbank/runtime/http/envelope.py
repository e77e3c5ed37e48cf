"""The envelope around every request: its id, where it comes from, its log line, its figures, whether it is one too
many, and the headers that keep browsers safe.

One plain ASGI wrapper does all of it, because each further layer costs every request.
"""

from collections.abc import Mapping
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fogbank.runtime.http.forwarded import client_of
from fogbank.runtime.http.guards import Guards
from fogbank.runtime.http.in_memory import IN_PROCESS
from fogbank.runtime.http.metrics import HttpMetrics, route_template
from fogbank.runtime.http.problems import failure_response, problem_response
from fogbank.runtime.http.quick import is_quick
from fogbank.runtime.http.rate_limits import ADMISSION, Admission, RateLimits, count_arrival
from fogbank.runtime.http.security import PRIVATE, SECURITY_HEADERS, TWO_YEARS_OF_HTTPS
from fogbank.runtime.origin import AGENT_CHARACTERS_MAX, Origin, coming_from, present_origin
from fogbank.runtime.problems import Problem
from fogbank.runtime.request_id import REQUEST_ID_HEADER, request_begun
from fogbank.runtime.tenancy import seeing_every_tenant

log = structlog.get_logger("fogbank.http")

QUIET_PATHS = frozenset({"/health", "/metrics"})
"""Asked every few seconds by machines: logged only when they fail."""

REFUSAL = 400
FAILURE = 500
CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"cookie"})


REQUEST_ID = REQUEST_ID_HEADER.encode()


def as_sent(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as the server takes them."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


PRIVATE_HEADERS = as_sent(PRIVATE)


class Envelope:
    """Wraps the app; what it measures goes to `metrics`."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics, guards: Guards) -> None:
        self.app = app
        self.metrics = metrics
        self.guards = guards
        self.limits = None if guards.rates is None else RateLimits(guards.rates)
        self.headers = as_sent({**SECURITY_HEADERS, **(TWO_YEARS_OF_HTTPS if guards.is_https else {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # Nobody's, until the caller is known; and whoever called us in memory stays what they were.
        with (
            seeing_every_tenant(),
            request_begun(headers.get(REQUEST_ID_HEADER)) as identifier,
            coming_from(self._origin(scope, headers)),
        ):
            await self._answer_recorded(scope, receive, send, identifier)

    def _origin(self, scope: Scope, headers: Headers) -> Origin:
        """Where the request comes from; the scope says so too from here on, and what was counted of it."""
        peer = scope["client"][0] if scope.get("client") else ""
        if peer == IN_PROCESS:
            return present_origin()
        client = client_of(peer, headers, self.guards.trusted_proxies, self.guards.proxies_write)
        scope["client"] = (client.address, scope["client"][1] if client.address == peer and scope["client"] else 0)
        scope["scheme"] = client.scheme or scope["scheme"]
        if self.limits is not None:
            scope[ADMISSION] = Admission(self.limits, client.address)
        return Origin(client.address, printable(headers.get("user-agent", "")))

    async def _answer_recorded(self, scope: Scope, receive: Receive, send: Send, identifier: str) -> None:
        started_seconds, status = perf_counter(), FAILURE

        async def send_sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._seal(scope, message, identifier)
            await send(message)

        try:
            await self._answer(scope, receive, send_sealed)
        finally:
            self._record(scope, status, perf_counter() - started_seconds)

    def _seal(self, scope: Scope, message: Message, identifier: str) -> None:
        """Add what the answer does not say itself; once through its headers, since every request pays for it."""
        headers: list[tuple[bytes, bytes]] = [each for each in message.get("headers", ()) if each[0] != REQUEST_ID]
        said = {name for name, _ in headers}
        headers.append((REQUEST_ID, identifier.encode()))
        headers += [each for each in self.headers if each[0] not in said]
        if is_private(scope):
            headers += [each for each in PRIVATE_HEADERS if each[0] not in said]
        message["headers"] = headers
        admission: Admission | None = scope.get(ADMISSION)
        if admission is not None:
            MutableHeaders(scope=message).update(admission.headers())

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; its failure becomes a problem, unless its answer had begun: then the connection breaks."""
        has_begun = False

        async def send_watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            if ADMISSION in scope:
                await count_arrival(scope, Headers(scope=scope))
            await self.app(scope, receive, send_watched)
        except Problem as refused:  # one too many; what a route raises was answered before it came here
            await problem_response(refused)(scope, receive, send)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if has_begun:
                raise
            await failure_response()(scope, receive, send)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        self.metrics.answered(scope["method"], route_template(scope), status, seconds)
        is_quiet = status < FAILURE if scope["path"] in QUIET_PATHS else status < REFUSAL and is_quick(scope)
        if not is_quiet:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round(seconds * 1e3, 2),
            )


def is_private(scope: Scope) -> bool:
    """Whether the answer is to somebody's credentials: an API's, or to the token in a body."""
    names = {name for name, _ in scope["headers"]}
    return scope["path"].startswith("/api/") and (scope["method"] != "GET" or not CREDENTIALS.isdisjoint(names))


def printable(text: str) -> str:
    """What a client calls itself, as far as it can be shown and kept."""
    return "".join(letter for letter in text[:AGENT_CHARACTERS_MAX] if letter.isprintable())
