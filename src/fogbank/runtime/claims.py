"""A claim on an idempotency key: written in the first transaction of its request, so with what the request does.

Whatever becomes of the answer, an act that was committed has left its claim, and who repeats the request finds it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from fogbank.runtime.problems import Problem

Transaction = AsyncConnection[tuple[Any, ...]]
WriteClaim = Callable[[Transaction], Awaitable[None]]


@dataclass(slots=True)
class Claim:
    """What a request writes beside its act: `write` says whether the key is this request's.

    `is_made` once a transaction of this request holds it, `is_refused` once another request was found to have it.
    """

    write: Callable[[Transaction], Awaitable[bool]]
    is_made: bool = False
    is_refused: bool = False

    async def write_or_end(self, tx: Transaction) -> None:
        """Write it; `Problem` 409 ends the transaction, and the request, where another request has the key."""
        if not await self.write(tx):
            self.is_refused = True
            raise Problem(409, "request-in-progress", "The same request is being done under this key.")


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
        yield claim.write_or_end
    except BaseException:
        claim.is_made = False
        raise


async def _nothing(_tx: Transaction) -> None:
    """There is no key, or its claim is made."""
