"""The envelope around every request: its id, its log line, its figures, and the headers that keep browsers safe.

One plain ASGI wrapper does all four, because each further layer costs every request.
"""

from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fogbank.runtime.http.metrics import HttpMetrics, route_template
from fogbank.runtime.http.problems import failure_response
from fogbank.runtime.http.security import SECURITY_HEADERS
from fogbank.runtime.request_id import REQUEST_ID_HEADER, request_begun
from fogbank.runtime.tenancy import seeing_every_tenant

log = structlog.get_logger("fogbank.http")

QUIET_PATHS = frozenset({"/health", "/metrics"})
"""Asked every few seconds by machines: logged only when they fail."""

FAILURE = 500


class Envelope:
    """Wraps the app; what it measures goes to `metrics`."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Nobody's, until the caller is known; and whoever called us in memory stays what they were.
        with seeing_every_tenant(), request_begun(Headers(scope=scope).get(REQUEST_ID_HEADER)) as identifier:
            await self._answer_recorded(scope, receive, send, identifier)

    async def _answer_recorded(self, scope: Scope, receive: Receive, send: Send, identifier: str) -> None:
        started_seconds, status = perf_counter(), FAILURE

        async def send_sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _seal(MutableHeaders(scope=message), identifier)
            await send(message)

        try:
            await self._answer(scope, receive, send_sealed)
        finally:
            self._record(scope, status, perf_counter() - started_seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; its failure becomes a problem, unless its answer had begun: then the connection breaks."""
        has_begun = False

        async def send_watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if has_begun:
                raise
            await failure_response()(scope, receive, send)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        self.metrics.answered(scope["method"], route_template(scope), status, seconds)
        if scope["path"] not in QUIET_PATHS or status >= FAILURE:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round(seconds * 1e3, 2),
            )


def _seal(headers: MutableHeaders, identifier: str) -> None:
    headers[REQUEST_ID_HEADER] = identifier
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
