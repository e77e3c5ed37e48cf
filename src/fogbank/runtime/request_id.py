"""The request id: one name for everything that one request causes, in every process it passes through."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

REQUEST_ID_HEADER = "x-request-id"

_acceptable = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str:
    """The id of the request being answered; outside of one, a new id."""
    return _current.get() or new_request_id()


def current_request_id() -> str | None:
    """The id of the request being answered; None outside of one."""
    return _current.get()


def new_request_id() -> str:
    return token_hex(16)


@contextmanager
def request_begun(offered: str | None) -> Iterator[str]:
    """Take the caller's id where it is one, else make one; it holds inside, for this task and what it starts."""
    chosen = offered if offered is not None and _acceptable.fullmatch(offered) else new_request_id()
    outer = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(outer)


def instance_of(identifier: str) -> str:
    """The `instance` member of a problem document: it names the request, so that its log lines can be found."""
    return f"urn:fogbank:request:{identifier}"
