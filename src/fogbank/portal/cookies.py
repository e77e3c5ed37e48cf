"""Cookies of the door: only for this host, only over the connection it has, never for scripts (RFC 6265bis).

`Lax`, since people come from mailboxes and other issuers; what changes something takes a post from our own pages.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

import msgspec
from fastapi import Request, Response

T = TypeVar("T")

PREFIX = "__Host-"
"""By which browsers promise host and connection. Over plain http (loopback, that is) they refuse it."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of ours, by its name without the prefix."""

    name: str

    def read(self, request: Request) -> str:
        """Its value; empty where there is none."""
        return request.cookies.get(self._name(request), "")

    def keep(self, response: Response, request: Request, value: str, seconds: int) -> None:
        """Have the browser keep `value` for so long."""
        response.set_cookie(
            self._name(request),
            value,
            max_age=seconds,
            path="/",
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, request: Request) -> None:
        response.delete_cookie(self._name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")

    def _name(self, request: Request) -> str:
        return f"{PREFIX}{self.name}" if is_secure(request) else self.name


@dataclass(frozen=True, slots=True)
class Note(Generic[T]):
    """A cookie that keeps facts of one kind for a while: what the door must know again at its next page."""

    cookie: Cookie
    kind: type[T]
    seconds: int

    def read(self, request: Request) -> T | None:
        """The facts; None where there are none, or somebody wrote something else there."""
        try:
            return msgspec.json.decode(unquote(self.cookie.read(request)), type=self.kind)
        except (msgspec.DecodeError, ValueError):
            return None

    def keep(self, response: Response, request: Request, facts: T) -> None:
        self.cookie.keep(response, request, quote(msgspec.json.encode(facts), safe=""), self.seconds)

    def drop(self, response: Response, request: Request) -> None:
        if self.cookie.read(request):
            self.cookie.drop(response, request)


def is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
