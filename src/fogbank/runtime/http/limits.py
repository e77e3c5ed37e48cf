"""How much a request may carry: more is refused before it is read, or, when it did not say its size, while it is."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fogbank.runtime.http.problems import problem_response
from fogbank.runtime.problems import Problem

BODY_BYTES_MAX = 1024 * 1024


class BodyLimit:
    """Limits bodies to 1 MiB, and those of the `larger` paths to what is said there, in bytes."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self.app = app
        self.larger = dict(larger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        bytes_max = self.larger.get(scope["path"], BODY_BYTES_MAX)
        if announced_bytes(Headers(scope=scope).get("content-length")) > bytes_max:
            await problem_response(body_too_large(bytes_max))(scope, receive, send)
            return
        await self.app(scope, _counted(receive, bytes_max), send)


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
