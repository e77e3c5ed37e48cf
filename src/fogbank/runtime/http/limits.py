"""How much a request may carry, and for how long it may take."""

import asyncio
import re
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fogbank.runtime.http.deadline import TIME_LIMIT
from fogbank.runtime.http.problems import problem_response
from fogbank.runtime.problems import Problem

log = structlog.get_logger("fogbank.http")

BODY_BYTES_MAX = 1024 * 1024
BODILESS = frozenset({"GET", "HEAD"})


class BodyLimit:
    """Limits bodies to 1 MiB, and those of the `larger` paths to what is said there, in bytes.

    In such a path, `{name}` is any one part, as in a route.

    More is refused before it is read, or, when the request did not say its size, while it is.
    """

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self.app = app
        self.larger = {path: size for path, size in larger.items() if "{" not in path}
        self.templates = [(_pattern_of(path), size) for path, size in larger.items() if "{" in path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS:
            await self.app(scope, receive, send)
            return
        bytes_max = self._bytes_max(scope["path"])
        if announced_bytes(Headers(scope=scope).get("content-length")) > bytes_max:
            await problem_response(body_too_large(bytes_max))(scope, receive, send)
            return
        await self.app(scope, _counted(receive, bytes_max), send)

    def _bytes_max(self, path: str) -> int:
        if path in self.larger:
            return self.larger[path]
        return next((size for pattern, size in self.templates if pattern.fullmatch(path)), BODY_BYTES_MAX)


def _pattern_of(template: str) -> re.Pattern[str]:
    """Matches the paths that a route with this path template has."""
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^/}]+\}", template))))


def _counted(receive: Receive, bytes_max: int) -> Receive:
    received_bytes = 0

    async def receive_counted() -> Message:
        nonlocal received_bytes
        message = await receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > bytes_max:
            raise HTTPException(413, body_too_large(bytes_max).detail)  # the framework lets only this kind through
        return message

    return receive_counted


def announced_bytes(content_length: str | None) -> int:
    """The size that a request announces; 0 when it announces none, or nonsense, which the server refuses itself."""
    return int(content_length) if content_length is not None and content_length.isdecimal() else 0


def body_too_large(bytes_max: int) -> Problem:
    """413, for a body beyond `bytes_max`."""
    return Problem(413, "body-too-large", f"The request's body is larger than {bytes_max} bytes; send less at once.")


class TimeLimit:
    """Cuts what has not begun to answer after `seconds_max`: 408 when its body is late, 503 when we are.

    An answer that has begun, such as an event stream or an export, may take as long as it is read, and what services
    ask of each other as long as it takes: they wait for it.
    """

    def __init__(self, app: ASGIApp, seconds_max: float) -> None:
        self.app = app
        self.seconds_max = seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_body_late = scope["method"] not in BODILESS

        async def receive_watched() -> Message:
            nonlocal is_body_late
            message = await receive()
            is_body_late = message.get("more_body", False)
            return message

        async def send_in_time(message: Message) -> None:
            limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self.seconds_max) as limit:
                scope[TIME_LIMIT] = limit
                await self.app(scope, receive_watched, send_in_time)
        except TimeoutError:
            if not limit.expired():
                raise
            log.warning("request cut", method=scope["method"], path=scope["path"], is_body_late=is_body_late)
            problem = body_too_late(self.seconds_max) if is_body_late else took_too_long(self.seconds_max)
            await problem_response(problem)(scope, receive, send)


def body_too_late(seconds_max: float) -> Problem:
    """408, for a body that has not come whole."""
    detail = f"The request's body did not come within {seconds_max:g} seconds; send it faster, or less at once."
    return Problem(408, "request-timeout", detail, headers={"connection": "close"})


def took_too_long(seconds_max: float) -> Problem:
    """503, for what we did not get done in time."""
    detail = (
        f"This took longer than {seconds_max:g} seconds and was cut; look whether it was done, "
        "or repeat it under the same Idempotency-Key."
    )
    return Problem(503, "took-too-long", detail, headers={"retry-after": "5"})
