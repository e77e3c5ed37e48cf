"""Tokens for sessions: by these the portal speaks to other services in a person's name."""

from collections.abc import Collection
from dataclasses import dataclass

from fogbank.accounts.callers import caller_for
from fogbank.accounts.machines import change_store
from fogbank.accounts.machines.tokens import audience_of
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.credentials.tokens import Token
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import seeing_every_tenant


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """A token lasts no longer than what it says is true: it ends with its session, and with each change of a role."""

    database: Database
    sessions: Sessions
    keys: KeyFile
    audience: Collection[str]

    async def by_session(self, session_token: str, audience: Collection[str] | None, client_address: str) -> Token:
        """A token that speaks for the session's user, from that address; `WrongCredentials` when it has ended."""
        wanted = audience_of(self.audience, audience)
        with seeing_every_tenant():
            async with self.database.transaction() as tx:
                as_of = await change_store.newest(tx)  # first, so that what changes while the rest is read counts
                session, user = await self.sessions.holder(tx, session_token)
                caller = await caller_for(tx, user, session_id=session.id, address=client_address)
        return self.keys.sign(caller, wanted, as_of=as_of)
