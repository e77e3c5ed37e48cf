"""Tokens for sessions: five minutes in which a person's browser acts as them."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from fogbank.accounts.callers import caller_for
from fogbank.accounts.machines import change_store
from fogbank.accounts.machines.tokens import audience_of
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.database import Database
from fogbank.runtime.key_file import KeyFile
from fogbank.runtime.tenancy import seeing_every_tenant
from fogbank.runtime.tokens import Token


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """Signs what a session's holder is now; the session is seen by it."""

    database: Database
    sessions: Sessions
    keys: KeyFile
    audience: Collection[str]

    async def token_for_session(
        self, session_token: str, audience: Collection[str] | None, client_address: str
    ) -> Token:
        """A token that speaks for the session's user, from that address; `WrongCredentials` when it has ended."""
        wanted = audience_of(self.audience, audience)
        with seeing_every_tenant():  # whose session it is, the token says; nobody has signed in yet
            async with self.database.connection() as connection:
                as_of = await change_store.newest(connection)
                session, user = await self.sessions.holder(connection, session_token)
                caller = await caller_for(connection, user)
        caller = replace(caller, session_id=session.id, address=client_address)
        return self.keys.sign(caller, wanted, as_of)
