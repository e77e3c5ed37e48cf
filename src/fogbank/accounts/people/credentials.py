"""A person's password, address and ways in: one's own with what it takes, another's as an administrator."""

from dataclasses import dataclass

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible, WrongCredentials
from fogbank.accounts.model import User
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.addresses import Addresses
from fogbank.accounts.signing_in.changing import PasswordSetting
from fogbank.accounts.signing_in.errors import SignInAgain
from fogbank.accounts.signing_in.mailing import SIGN_IN_PATH
from fogbank.accounts.signing_in.model import SessionMethod
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.accounts.signing_in.rules.lasting import needs_current_password
from fogbank.accounts.signing_in.service import SignIn
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import seeing_every_tenant


@dataclass(frozen=True, slots=True)
class Link:
    """A sign-in link: its token, and the whole URL."""

    token: str
    url: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Someone else is `NotVisible`."""

    database: Database
    new_passwords: NewPasswords
    setting: PasswordSetting
    addresses: Addresses
    sign_in: SignIn
    recorder: Recorder
    clock: Clock

    async def change_password(
        self, caller: Caller, user_id: str, current: str | None, new: str, *, reason: str = ""
    ) -> None:
        """Set a password, and end every session but the caller's own.

        One's own takes the current one: `WrongCredentials` without it, or `SignInAgain` where there is none and the
        session is not of just now. Another's takes an administrator, and a reason. `WeakPassword`.
        """
        user = await self._user(caller, user_id)
        reason = reason_for(caller, (user_id,), reason)
        if _is_own(caller, user_id):
            await self._require_current(caller, user, current)
        password_hash = await self.new_passwords.hashed(new, email=user.email, name=user.name)
        kept = caller.session_id if _is_own(caller, user_id) else ""
        with seeing_every_tenant():  # whose it is, has been decided; what it ends, the person cannot see
            async with self.database.transaction() as tx:
                await people_store.lock_user(tx, user_id)
                now = await people_store.user(tx, user_id)
                if now is None or (_is_own(caller, user_id) and now.password_hash != user.password_hash):
                    raise WrongCredentials  # it was changed while this one was checked
                await self.setting.set_in(tx, caller, now, password_hash, kept=kept, reason=reason)

    async def change_email(
        self, caller: Caller, user_id: str, email: str, current: str | None, *, reason: str = ""
    ) -> None:
        """Change an address: one's own once the new one has confirmed it, another's at once, with a reason.

        One's own takes the current password, as changing that does. `NoMail`, `TooManyAttempts`, `EmailTaken`.
        """
        user = await self._user(caller, user_id)
        reason = reason_for(caller, (user_id,), reason)
        if _is_own(caller, user_id):
            await self._require_current(caller, user, current)
            with seeing_every_tenant():  # whether the new address is free, the person cannot see
                await self.addresses.begin(caller, user, email)
            return
        async with self.database.transaction() as tx:
            before = await self.addresses.change_in(tx, caller, user_id, email, is_confirmed=False, reason=reason)
            await self.addresses.tell_in(tx, before, email)

    async def new_link(self, caller: Caller, user_id: str, *, reason: str = "", by_email: bool = False) -> Link:
        """A sign-in link to give to somebody, or to send to their address. Administrators only, with a reason."""
        user = await self._user(caller, user_id)
        reason = reason_for(caller, (user_id,), reason)
        mailing = self.setting.mailing
        if by_email:
            await mailing.require_ready()
        async with self.database.transaction() as tx:
            token = await self.sign_in.new_link(tx, user_id)
            link = Link(token, mailing.link(SIGN_IN_PATH, token))
            if by_email:
                await mailing.post_in(tx, user.email, "sign_in_link", {"link": link.url})
            after = {"by_email": by_email}
            await self.recorder.record_in(
                tx, caller, "sign_in_link.created", f"user:{user_id}", account_id=user_id, reason=reason, after=after
            )
        return link

    async def _require_current(self, caller: Caller, user: User, current: str | None) -> None:
        """The current password, where it takes one. Guesses are slowed down, as those at the door are."""
        async with self.database.connection() as connection:
            session = await session_store.session_by_id(connection, caller.session_id, self.clock())
        has_password = user.password_hash is not None
        if session is not None and not needs_current_password(
            has_password=has_password,
            came_by_link=session.method is SessionMethod.LINK,
            since=self.clock() - session.created_at,
        ):
            return
        if not has_password:
            raise SignInAgain
        throttle, place = self.sign_in.throttle, caller.address or caller.session_id or caller.key_id
        throttle.begin(place, user.id, self.clock())
        if not await self.sign_in.passwords.is_own(user.id, current or "", user.password_hash, self.clock()):
            raise WrongCredentials
        throttle.succeeded(place, user.id, self.clock())

    async def _user(self, caller: Caller, user_id: str) -> User:
        may_see = caller.sees_everything or caller.id == user_id
        async with self.database.connection() as connection:
            user = await people_store.user(connection, user_id) if may_see else None
        if user is None:
            raise NotVisible("user", user_id)
        return user


def _is_own(caller: Caller, user_id: str) -> bool:
    return caller.kind is CallerKind.USER and caller.id == user_id
