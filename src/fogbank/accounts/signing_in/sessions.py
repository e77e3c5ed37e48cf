"""Sessions: opened, seen, listed and ended. Whoever ends one ends the tokens that were got by it, within seconds."""

from dataclasses import dataclass

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible, WrongCredentials
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import User
from fogbank.accounts.opaque import ID_BYTES, digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.devices import Devices
from fogbank.accounts.signing_in.model import OpenSession, Place, Session, SessionMethod
from fogbank.accounts.signing_in.rules.lasting import Lifetime, to_the_minute
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

AGENT_CHARACTERS_MAX = 300
LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Sessions:
    """A person's sessions. Somebody else's is `NotVisible`."""

    database: Database
    recorder: Recorder
    devices: Devices
    lifetime: Lifetime
    clock: Clock
    entropy: Entropy

    async def open_in(self, tx: Connection, user: User, method: SessionMethod, place: Place) -> Session:
        """A new session of somebody who has shown all that it takes."""
        token, now = new_secret(self.entropy), self.clock()
        opened = OpenSession(
            id=new_id("session", self.entropy(ID_BYTES)),
            user_id=user.id,
            created_at=now,
            last_seen_at=to_the_minute(now),
            expires_at=self.lifetime.ends_at(now, now),
            address=place.address,
            agent="".join(letter for letter in place.agent if letter.isprintable())[:AGENT_CHARACTERS_MAX],
            method=method,
        )
        await session_store.insert_session(tx, digest(token), opened)
        caller = Caller(user.id, CallerKind.USER, session_id=opened.id, address=place.address)
        await self.recorder.record_in(
            tx, caller, "session.opened", f"session:{opened.id}", account_id=user.id, after={"method": str(method)}
        )
        device_token = self.devices.new_token(user.email)
        return Session(opened.id, token, user.id, self.lifetime.ends_at_most(now), device_token)

    async def holder(self, tx: Connection, session_token: str) -> tuple[OpenSession, User]:
        """The session of that token, seen now, and whose it is; `WrongCredentials` when it has ended."""
        now = self.clock()
        found = await session_store.session(tx, digest(session_token), now)
        user = await people_store.user(tx, found.user_id) if found is not None else None
        if found is None or user is None or not may_sign_in(user):
            raise WrongCredentials
        expires_at = self.lifetime.ends_at(found.created_at, now) if self.lifetime.is_sliding else found.expires_at
        await session_store.seen(tx, found.id, to_the_minute(now), expires_at)
        return found, user

    async def of(self, user_id: str) -> list[OpenSession]:
        """The newest of a person's sessions, the one that was used last first."""
        async with self.database.connection() as connection:
            return await session_store.sessions_of(connection, user_id, self.clock(), LISTED_MAX)

    async def end(self, caller: Caller, session_id: str) -> None:
        """End one of the caller's own."""
        async with self.database.transaction() as tx:
            if not await session_store.delete_session_of(tx, caller.id, session_id):
                raise NotVisible("session", session_id)
            await self._ended(tx, caller, caller.id, [session_id])

    async def end_others(self, caller: Caller) -> int:
        """End all of the caller's but the one that they call by; how many."""
        async with self.database.transaction() as tx:
            return await self.end_but(tx, caller, caller.id, kept=caller.session_id)

    async def end_but(self, tx: Connection, caller: Caller | None, user_id: str, *, kept: str = "") -> int:
        """End all of a user's sessions, but one that is kept; how many."""
        ended = await session_store.delete_sessions_but(tx, user_id, kept)
        await self._ended(tx, caller, user_id, ended)
        return len(ended)

    async def sign_out(self, session_token: str) -> None:
        """End the session of that token; one that has ended already stays so."""
        async with self.database.transaction() as tx:
            found = await session_store.delete_session(tx, digest(session_token))
            if found is not None:
                session_id, user_id = found
                await self._ended(tx, Caller(user_id, CallerKind.USER, session_id=session_id), user_id, [session_id])

    async def _ended(self, tx: Connection, caller: Caller | None, user_id: str, ended: list[str]) -> None:
        if not ended:
            return
        await revoke(tx, *ended)
        subject = f"session:{ended[0]}" if len(ended) == 1 else f"user:{user_id}"
        await self.recorder.record_in(
            tx, caller, "session.ended", subject, account_id=user_id, before={"sessions": sorted(ended)}
        )
