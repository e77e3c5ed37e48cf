"""Slows down guessing, per person and method. Who guesses knows the password, so no stranger can hold somebody up.

What cannot be guessed, recovery codes and passkeys, is never held up: an owner whose codes somebody guesses at signs in
by those.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.factors import guess_store
from fogbank.accounts.factors.model import Guesses, Method
from fogbank.accounts.factors.rules import wait_after
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection


@dataclass(slots=True)
class Guess:
    """One guess; wrong until somebody says otherwise."""

    is_right: bool = False


@dataclass(frozen=True, slots=True)
class Guessing:
    """Counts in the database. A wrong guess counts only if its transaction commits: say no, do not raise, inside."""

    clock: Clock

    @asynccontextmanager
    async def guess(self, tx: Connection, user_id: str, method: Method) -> AsyncIterator[Guess]:
        """Inside, one guess is checked; `TooManyAttempts` when it is too early for one."""
        now = self.clock()
        before = await guess_store.locked(tx, user_id, method, now)
        if before.wait_until > now:
            raise TooManyAttempts(before.wait_until - now)
        guess = Guess()
        yield guess
        if guess.is_right:
            await guess_store.forget(tx, user_id, method)
        else:
            failures = before.failures + 1
            await guess_store.put(tx, user_id, method, Guesses(failures, now + wait_after(failures)))
