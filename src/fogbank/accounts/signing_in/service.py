"""Signing in: by password or one-time link, and a second factor where there is one, to a session."""

from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.errors import WrongCredentials
from fogbank.accounts.model import User
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in import secret_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.errors import SecondFactorNeeded, WrongSecondFactor
from fogbank.accounts.signing_in.model import Place, Session, SessionMethod
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.refused import RefusedSignIns
from fogbank.accounts.signing_in.second_factor import Answer, Challenges
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.accounts.signing_in.throttle import SignInThrottle
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

LINK_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Turns what people know and have into sessions."""

    database: Database
    passwords: Passwords
    throttle: SignInThrottle
    sessions: Sessions
    challenges: Challenges
    refused: RefusedSignIns
    clock: Clock
    entropy: Entropy

    async def by_password(self, email: str, password: str, place: Place) -> Session:
        """A session for the right password; `WrongCredentials`, `TooManyAttempts` or `TooBusy` else, without details.

        `SecondFactorNeeded` where the password is right, and not enough. Whoever does not exist costs as much time.
        """
        device = self.sessions.devices.known(email, place.device_token)
        self.passwords.require_room(is_known=bool(device))  # before it counts: what is not checked makes nobody wait
        self.throttle.begin(place.address, email, self.clock(), device)
        async with self.database.connection() as connection:
            user = await people_store.user_by_email(connection, email)
        checked = await self.passwords.check(password, user.password_hash if user else None, is_known=bool(device))
        if user is None or not checked.is_right or not may_sign_in(user):
            self.refused.note(user.id if user else None, place.address)
            raise WrongCredentials
        self.throttle.succeeded(place.address, email, self.clock(), device)
        async with self.database.transaction() as tx:
            await self._require_unchanged(tx, user)
            if checked.renewed is not None:
                await people_store.renew_hash(tx, user.id, checked.renewed)
            opened = await self._opened(tx, user, SessionMethod.PASSWORD, place)
        return _entered(opened)

    async def by_link(self, token: str, place: Place) -> Session:
        """A session for a sign-in link, which is used up by it; `WrongCredentials` when it was before."""
        async with self.database.transaction() as tx:
            user_id = await session_store.use_link_once(tx, digest(token), self.clock())
            user = await people_store.user(tx, user_id) if user_id is not None else None
            if user is None or not may_sign_in(user):
                raise WrongCredentials
            opened = await self._opened(tx, user, SessionMethod.LINK, place)
        return _entered(opened)

    async def by_second_factor(self, challenge: str, method: str, answer: Answer, place: Place) -> Session:
        """A session for the right answer to a challenge; `WrongSecondFactor`, and `WrongCredentials` when it ended."""
        async with self.database.transaction() as tx:
            passed = await self.challenges.answer(tx, challenge, method, answer)
            user = await people_store.user(tx, passed.user_id)
            may_enter = passed.is_right and may_sign_in(user)
            session = await self.sessions.open_in(tx, user, passed.method, place) if may_enter and user else None
        # Not before the commit: a wrong answer counts, a right one is used up.
        if session is None:
            self.refused.note(passed.user_id, place.address)
            raise WrongSecondFactor(passed.attempts_left)
        return session

    async def open_session(self, tx: Connection, user_id: str, *, method: str, address: str, agent: str) -> Session:
        """A session of somebody who has shown all that it takes; `WrongCredentials` where they may not sign in."""
        user = await people_store.user(tx, user_id)
        if user is None or not may_sign_in(user):
            raise WrongCredentials
        return await self.sessions.open_in(tx, user, SessionMethod(method), Place(address, agent))

    async def new_link(self, tx: Connection, user_id: str) -> str:
        """The token of a fresh sign-in link, good once and for a day."""
        token, now = new_secret(self.entropy), self.clock()
        await session_store.insert_link(tx, digest(token), user_id, now, now + LINK_LIFE)
        return token

    async def delete_ended(self) -> None:
        """Forget what nobody can use any more: sessions, links, and all that is spent once."""
        async with self.database.transaction() as tx:
            await session_store.delete_ended(tx, self.clock())
            await secret_store.delete_ended(tx, self.clock())

    async def _require_unchanged(self, tx: Connection, user: User) -> None:
        """`WrongCredentials` where the password was changed while it was checked, or they may sign in no more.

        Locked until the session is there: whoever changes the password ends it.
        """
        await people_store.lock_user(tx, user.id)
        now = await people_store.user(tx, user.id)
        if now is None or now.password_hash != user.password_hash or not may_sign_in(now):
            raise WrongCredentials

    async def _opened(
        self, tx: Connection, user: User, method: SessionMethod, place: Place
    ) -> Session | SecondFactorNeeded:
        """A session; or what else it takes, which is told once the transaction is done."""
        methods = await self.challenges.factors.methods_of(tx, user.id)
        if methods:
            return SecondFactorNeeded(await self.challenges.begin(tx, user.id, method), methods)
        return await self.sessions.open_in(tx, user, method, place)


def _entered(opened: Session | SecondFactorNeeded) -> Session:
    if isinstance(opened, SecondFactorNeeded):
        raise opened
    return opened
