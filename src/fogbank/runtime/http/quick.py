"""Quick routes: described like any other, but their arguments are read by hand and their answers written by msgspec.

The framework's reading of a request and checking of an answer cost more than what the busiest routes do. Such a route
says how its arguments are read; its endpoint, its description and its refusals are written as everywhere.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from fogbank.runtime.http.refusals import Rendered
from fogbank.runtime.problems import Problem

T = TypeVar("T")

Arguments = Callable[[Request], Awaitable[Mapping[str, Any]]]
"""Reads an endpoint's arguments. It knows the caller first (`current_caller`), and checks what it reads."""

JSON = "application/json"


class QuickRoute(APIRoute):
    """A quick route: tried before all others, and logged only when it is refused or fails."""


def quick(arguments: Arguments, problems: Mapping[type[Any], Rendered]) -> type[QuickRoute]:
    """The class of a route whose arguments are read so; `problems` says how what its endpoint raises is told."""
    kinds = tuple(problems)

    class Quick(QuickRoute):
        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] not in (self.methods or ()):
                await super().handle(scope, receive, send)  # which refuses it
                return
            try:
                view = await self.endpoint(**await arguments(Request(scope, receive, send)))
            except kinds as refusal:
                raise problems[type(refusal)](refusal) from None
            await Response(msgspec.json.encode(view), media_type=JSON)(scope, receive, send)

    return Quick


def quickest_first(routers: Iterable[APIRouter]) -> list[APIRouter]:
    """The same, those with quick routes in front: routes are tried one after the other."""
    return sorted(routers, key=lambda router: not any(isinstance(route, QuickRoute) for route in router.routes))


def is_quick(scope: Scope) -> bool:
    """Whether a quick route answered."""
    return isinstance(scope.get("route"), QuickRoute)


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
