"""The second step of signing in: a challenge to who passed the first; five minutes and five attempts to answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from fogbank.accounts.errors import WrongCredentials
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.signing_in import secret_store
from fogbank.accounts.signing_in.model import SessionMethod
from fogbank.accounts.signing_in.secret_store import Challenged
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy

CHALLENGE_LIFE = timedelta(minutes=5)
ATTEMPTS_MAX = 5

Answer = str | Mapping[str, Any]
"""A code as it was typed, or a passkey's answer as the browser gives it."""


class SecondFactors(Protocol):
    """Who has second factors, and whether an answer is one of them."""

    async def methods_of(self, tx: Connection, user_id: str) -> frozenset[str]:
        """By which their sign-in can be completed; empty where the first factor is enough."""
        ...

    async def check(self, tx: Connection, user_id: str, method: str, answer: Answer) -> bool:
        """Whether what they show is right; commit whatever it says."""
        ...


@dataclass(frozen=True, slots=True)
class Passed:
    """Who answered, and how they came in; `is_right` False with the attempts that are left."""

    user_id: str
    method: SessionMethod
    is_right: bool
    attempts_left: int


@dataclass(frozen=True, slots=True)
class Challenges:
    """Gives challenges and takes answers to them."""

    factors: SecondFactors
    clock: Clock
    entropy: Entropy

    async def begin(self, tx: Connection, user_id: str, method: SessionMethod) -> str:
        """The token of a new challenge to this user."""
        token, now = new_secret(self.entropy), self.clock()
        await secret_store.insert_challenge(
            tx, digest(token), Challenged(user_id, method, 0), now, now + CHALLENGE_LIFE
        )
        return token

    async def answer(self, tx: Connection, token: str, method: str, answer: Answer) -> Passed:
        """What came of an answer; commit whatever it says. `WrongCredentials` where there is nothing to answer."""
        challenged = await secret_store.try_challenge(tx, digest(token), self.clock(), ATTEMPTS_MAX)
        if challenged is None:
            raise WrongCredentials
        is_right = await self.factors.check(tx, challenged.user_id, method, answer)
        if is_right:
            await secret_store.spend_challenge(tx, digest(token))
        left = ATTEMPTS_MAX - challenged.attempts
        return Passed(challenged.user_id, SessionMethod(challenged.method), is_right, left)
