"""Signing in by a passkey alone: by its user verification it is two factors, what one has and what one knows or is."""

from dataclasses import dataclass
from typing import Any, Protocol

from fogbank.accounts.errors import WrongCredentials
from fogbank.accounts.factors import ceremonies
from fogbank.accounts.factors.ceremonies import Answer
from fogbank.accounts.factors.model import Method
from fogbank.accounts.factors.passkeys import Passkeys
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in.model import Place, Session
from fogbank.runtime.database import Connection, Database


class Sessions(Protocol):
    """Opens sessions: signing in does."""

    async def open_session(self, tx: Connection, user_id: str, *, method: str, address: str, agent: str) -> Session: ...


@dataclass(frozen=True, slots=True)
class PasskeySignIn:
    """Opens sessions for passkeys."""

    database: Database
    passkeys: Passkeys
    sessions: Sessions

    async def begin(self) -> dict[str, Any]:
        """Options to show a passkey by: to sign in, as a second factor, and to confirm who one is."""
        async with self.database.transaction() as tx:
            return await self.passkeys.begin_showing(tx)

    async def finish(self, answer: Answer, place: Place) -> Session:
        """A session for whoever's passkey it is; `WrongCredentials` where the answer does not hold."""
        async with self.database.transaction() as tx:
            session = await self._session(tx, answer, place)
        # Not before the commit: the challenge is spent either way.
        if session is None:
            raise WrongCredentials
        return session

    async def _session(self, tx: Connection, answer: Answer, place: Place) -> Session | None:
        passkey = await self.passkeys.shown(tx, answer)
        # Nobody has said who they are, so the passkey must (WebAuthn, 7.2, step 6).
        if passkey is None or ceremonies.user_of(answer) != passkey.user_id:
            return None
        if not may_sign_in(await people_store.user(tx, passkey.user_id)):
            return None
        return await self.sessions.open_session(
            tx, passkey.user_id, method=Method.PASSKEY, address=place.address, agent=place.agent
        )
