"""Recent proofs: what could take an account away for good takes a password or a factor shown in the last ten minutes.

So who finds a browser open, or steals a session, cannot make it theirs.
"""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import RecentProofNeeded
from fogbank.accounts.factors import proof_store
from fogbank.accounts.factors.guessing import Guessing
from fogbank.accounts.factors.model import Method
from fogbank.accounts.factors.rules import PROOF_LIFE, is_recent
from fogbank.accounts.factors.service import ProofAnswer, SecondFactors
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Proof:
    """By which methods a session can be confirmed, and until when it is; None where it is not."""

    methods: frozenset[str]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RecentProofs:
    """Asks for proofs and takes them, for a session each."""

    database: Database
    factors: SecondFactors
    passwords: Passwords
    guessing: Guessing
    recorder: Recorder
    clock: Clock

    async def require(self, tx: Connection, caller: Caller) -> None:
        """`RecentProofNeeded` unless this person's session was opened or confirmed in the last ten minutes.

        An API key has no session to confirm. Services and service accounts have their secret only, so they pass.
        """
        if caller.kind is not CallerKind.USER:
            return
        proved_at = await proof_store.proved_at(tx, caller.session_id, caller.id) if caller.session_id else None
        if not is_recent(proved_at, self.clock()):
            raise RecentProofNeeded(await self._methods(tx, caller))

    async def standing(self, caller: Caller) -> Proof:
        """How this person's session can be confirmed, and until when it is; nothing where a key was shown."""
        async with self.database.transaction() as tx:
            proved_at = await proof_store.proved_at(tx, caller.session_id, caller.id) if caller.session_id else None
            until = proved_at + PROOF_LIFE if proved_at and is_recent(proved_at, self.clock()) else None
            return Proof(await self._methods(tx, caller), until)

    async def require_of_session(self, caller: Caller) -> None:
        """The same, of who came by a session; a key may go on doing what keys may: it lasts no longer by it."""
        if caller.session_id:
            async with self.database.connection() as connection:  # no transaction: the act's claims the request's key
                await self.require(connection, caller)

    async def confirm(self, caller: Caller, method: str, answer: ProofAnswer) -> bool:
        """Whether what the session's holder shows is right; then it is proved from now on."""
        if not caller.session_id:
            raise RecentProofNeeded(frozenset())
        is_right_password = None
        if method == Method.PASSWORD:
            is_right_password = isinstance(answer, str) and await self._is_password(caller.id, answer)
        async with self.database.transaction() as tx:
            is_right = await self._check(tx, caller.id, method, answer, is_right_password=is_right_password)
            if is_right:
                await proof_store.put(tx, caller.session_id, caller.id, self.clock())
            action = "session.confirmed" if is_right else "session.confirmation_refused"
            subject = f"session:{caller.session_id}"
            await self.recorder.record_in(
                tx, caller, action, subject, account_id=caller.id, after={"method": str(method)}
            )
        return is_right

    async def _check(
        self, tx: Connection, user_id: str, method: str, answer: ProofAnswer, *, is_right_password: bool | None
    ) -> bool:
        if is_right_password is None:
            return await self.factors.check(tx, user_id, method, answer)
        # Whether it is too early for a guess is asked here, so that the answer to one that is tells nothing.
        async with self.guessing.guess(tx, user_id, Method.PASSWORD) as guess:
            guess.is_right = is_right_password
        return is_right_password

    async def _is_password(self, user_id: str, password: str) -> bool:
        async with self.database.connection() as connection:
            user = await people_store.user(connection, user_id)
        stored = user.password_hash if user else None
        return await self.passwords.is_own(user_id, password, stored, self.clock())

    async def _methods(self, tx: Connection, caller: Caller) -> frozenset[str]:
        """By which they can confirm; none where only a session can, and they came by a key."""
        if not caller.session_id:
            return frozenset()
        user = await people_store.user(tx, caller.id)
        has_password = user is not None and user.password_hash is not None
        password = {Method.PASSWORD.value} if has_password else set()
        return frozenset(password | await self.factors.methods_of(tx, caller.id))
