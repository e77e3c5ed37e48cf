"""A claim on an idempotency key: written in the first transaction of its request, so with what the request does.

Whatever becomes of the answer, an act that was committed has left its claim, and who repeats the request finds it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

WriteClaim = Callable[[AsyncConnection[tuple[Any, ...]]], Awaitable[None]]
"""Writes the claim in a transaction; raises where another request has claimed the key."""


@dataclass(slots=True)
class Claim:
    """What a request writes beside its act; `is_made` once a transaction of this request holds it."""

    write: WriteClaim
    is_made: bool = False


_present: ContextVar[Claim | None] = ContextVar("claim", default=None)


@contextmanager
def claiming(claim: Claim) -> Iterator[None]:
    """Inside, the first transaction writes `claim`."""
    outer = _present.set(claim)
    try:
        yield
    finally:
        _present.reset(outer)


@asynccontextmanager
async def claim_of_request() -> AsyncIterator[WriteClaim]:
    """Around a transaction: gives what to call in it. A transaction that fails leaves the claim to the next one."""
    claim = _present.get()
    if claim is None or claim.is_made:
        yield _nothing
        return
    claim.is_made = True
    try:
        yield claim.write
    except BaseException:
        claim.is_made = False
        raise


async def _nothing(_connection: AsyncConnection[tuple[Any, ...]]) -> None:
    """There is no key, or its claim is made."""
