"""Quick routes: described like any other, but their arguments are read by hand and their answers written by msgspec.

The framework's reading of a request and checking of an answer cost more than what the busiest routes do. Such a route
says how its arguments are read; its endpoint, its description and its refusals are written as everywhere.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from fogbank.runtime.http.refusals import Rendered
from fogbank.runtime.problems import Problem

T = TypeVar("T")

Arguments = Callable[[Request], Awaitable[Mapping[str, Any]]]
"""Reads an endpoint's arguments. It knows the caller first (`current_caller`), and checks what it reads."""

JSON = "application/json"


def quick(arguments: Arguments, problems: Mapping[type[Any], Rendered]) -> type[APIRoute]:
    """The class of a route whose arguments are read so; `problems` says how what its endpoint raises is told."""
    kinds = tuple(problems)

    class QuickRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            endpoint = self.endpoint

            async def handle(request: Request) -> Response:
                try:
                    view = await endpoint(**await arguments(request))
                except kinds as refusal:
                    raise problems[type(refusal)](refusal) from None
                return Response(msgspec.json.encode(view), media_type=JSON)

            return handle

    return QuickRoute


async def body_of(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The request's body, decoded; `Problem` 422 names what is wrong with it, and where."""
    try:
        return decoder.decode(await request.body())
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise invalid("body" + place.rstrip("`"), reason[:1].lower() + reason[1:]) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("body", "is not JSON") from None


def invalid(field: str, reason: str) -> Problem:
    """422, for one field."""
    errors = [{"field": field, "reason": reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {field}: {reason}.", extra={"errors": errors})
