"""Signing in: by password or one-time link to a session, by a session or a service's secret to a token."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from fogbank.accounts.callers import caller_for
from fogbank.accounts.errors import UnknownAudience, WrongCredentials
from fogbank.accounts.model import User
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.throttle import SignInThrottle
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.tokens import SigningKeys, Token

SESSION_LIFE = timedelta(days=14)
LINK_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as given to its holder; we keep only the token's digest."""

    token: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """Turns what people and services know into sessions and tokens. `service_secrets` maps each service to its own."""

    database: Database
    passwords: Passwords
    throttle: SignInThrottle
    keys: SigningKeys
    service_secrets: Mapping[str, str]
    audience: Collection[str]
    clock: Clock
    entropy: Entropy

    async def by_password(self, email: str, password: str, address: str) -> Session:
        """A session for the right password; `WrongCredentials` or `TooManyAttempts` else, told to nobody in detail."""
        self.throttle.begin(address, email, self.clock())
        async with self.database.connection() as connection:
            user = await people_store.user_by_email(connection, email)
        is_right = await self.passwords.matches(password, user.password_hash if user else None)
        if user is None or not is_right or not may_sign_in(user):
            raise WrongCredentials
        self.throttle.succeeded(address, email)
        async with self.database.transaction() as tx:
            return await self._open_session(tx, user.id)

    async def by_link(self, token: str) -> Session:
        """A session for a sign-in link, which is used up by it; `WrongCredentials` when it was before."""
        async with self.database.transaction() as tx:
            user_id = await session_store.use_link_once(tx, digest(token), self.clock())
            user = await people_store.user(tx, user_id) if user_id is not None else None
            if user is None or not may_sign_in(user):
                raise WrongCredentials
            return await self._open_session(tx, user.id)

    async def new_link(self, tx: Connection, user_id: str) -> str:
        """The token of a fresh sign-in link, good once and for a day."""
        token, now = new_secret(self.entropy), self.clock()
        await session_store.insert_link(tx, digest(token), user_id, now, now + LINK_LIFE)
        return token

    async def sign_out(self, session_token: str) -> None:
        """End a session; one that has ended already stays so."""
        async with self.database.connection() as connection:
            await session_store.delete_session(connection, digest(session_token))

    async def token_for_session(self, session_token: str, audience: Collection[str] | None) -> Token:
        """A token that speaks for the session's user; `WrongCredentials` when it has ended or they are suspended."""
        now = self.clock()
        async with self.database.connection() as connection:
            user = await self._user_of(connection, session_token, now)
            return self.keys.sign(await caller_for(connection, user), self._audience(audience), now)

    def token_for_service(self, service_id: str, secret: str, audience: Collection[str] | None) -> Token:
        """A token that speaks for a service which knows its secret."""
        expected = self.service_secrets.get(service_id, "")
        if not expected or not compare_digest(expected.encode(), secret.encode()):
            raise WrongCredentials
        return self.keys.sign(Caller(service_id, CallerKind.SERVICE), self._audience(audience), self.clock())

    async def delete_ended(self) -> None:
        """Forget sessions and links that nobody can use any more."""
        async with self.database.transaction() as tx:
            await session_store.delete_ended(tx, self.clock())

    def _audience(self, asked: Collection[str] | None) -> Collection[str]:
        """The services a token is for: those asked for, else all; `UnknownAudience` for one that does not exist."""
        unknown = frozenset(asked or ()) - frozenset(self.audience)
        if unknown:
            raise UnknownAudience(unknown)
        return asked or self.audience

    async def _user_of(self, connection: Connection, session_token: str, now: datetime) -> User:
        user_id = await session_store.user_of_session(connection, digest(session_token), now)
        user = await people_store.user(connection, user_id) if user_id is not None else None
        if user is None or not may_sign_in(user):
            raise WrongCredentials
        return user

    async def _open_session(self, tx: Connection, user_id: str) -> Session:
        token, now = new_secret(self.entropy), self.clock()
        await session_store.insert_session(tx, digest(token), user_id, now, now + SESSION_LIFE)
        return Session(token, user_id, now + SESSION_LIFE)
