"""Where a request comes from: the client's network address and what it calls itself. One place says it for everybody.

The HTTP envelope sets it, from the connection or from what trusted proxies say. A request that stays in this process
keeps the origin of the request that it is part of, so an act of a browser's user knows the browser's address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

AGENT_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """`address` is an IP address as text and `agent` the client's `User-Agent`; each is empty where there is none."""

    address: str = ""
    agent: str = ""


NOWHERE = Origin()
"""Of work outside of requests."""

_present: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def present_origin() -> Origin:
    """Where the request being answered comes from; `NOWHERE` outside of one."""
    return _present.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Inside, for this task and what it starts, requests come from there."""
    outer = _present.set(origin)
    try:
        yield
    finally:
        _present.reset(outer)


def came_from(address: str) -> None:
    """From here on, this request comes from that address: a service said so of the browser that it speaks for."""
    _present.set(replace(_present.get(), address=address))
