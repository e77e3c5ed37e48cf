"""Choosing a new password without the one before: by a link to the account's address, good once and for an hour."""

from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.errors import WrongCredentials
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import User
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.accounts.signing_in import secret_store, taking_back_store
from fogbank.accounts.signing_in.allowance import Allowance, Asked
from fogbank.accounts.signing_in.changing import PasswordSetting
from fogbank.accounts.signing_in.mailing import RESET_PATH, Mailing
from fogbank.accounts.signing_in.model import Place
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

RESET_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Resetting:
    """A reset signs nobody in: who has a second factor still shows it."""

    database: Database
    new_passwords: NewPasswords
    setting: PasswordSetting
    mailing: Mailing
    allowance: Allowance
    clock: Clock
    entropy: Entropy

    async def begin(self, email: str, address: str) -> None:
        """Send a link to whoever has this address; to nobody where nobody has, at the same cost.

        `NoMail` where none can be sent, `TooManyAttempts` for whoever asks too often.
        """
        await self.mailing.require_ready()
        if not self.allowance.take(Asked.RESET, address, email, self.clock()):
            return
        async with self.database.transaction() as tx:
            user = await people_store.user_by_email(tx, email)
            known = user if may_sign_in(user) else None
            link = await self.new_link(tx, known.id if known else None)
            await self.mailing.post_in(tx, known.email if known else None, "reset_password", {"link": link})

    async def new_link(self, tx: Connection, user_id: str | None) -> str:
        """A page to choose a new password at; nobody's opens nothing."""
        token, now = new_secret(self.entropy), self.clock()
        await secret_store.insert_reset(tx, digest(token), user_id, now, now + RESET_LIFE)
        return self.mailing.link(RESET_PATH, token)

    async def finish(self, token: str, password: str, place: Place) -> str:
        """Set the password; a device token, by which its owner signs in even while others guess at the account.

        Whose address nobody has shown to be theirs, after a link that was handed over, gets nothing of what was made
        before. `WrongCredentials` for a token that was used, has ended or never was; `WeakPassword`, and then it is not
        used.
        """
        async with self.database.connection() as connection:
            user_id = await secret_store.user_of_reset(connection, digest(token), self.clock())
            user = await people_store.user(connection, user_id) if user_id is not None else None
        if user is None or not may_sign_in(user):
            raise WrongCredentials
        password_hash = await self.new_passwords.hashed(password, email=user.email, name=user.name)
        async with self.database.transaction() as tx:
            user = await self._spent(tx, token, user)
            await self._take_from_who_came_unproved(tx, user)
            caller = Caller(user.id, CallerKind.USER, address=place.address)
            await self.setting.set_in(tx, caller, user, password_hash, is_confirmed=True)
        return self.setting.sessions.devices.new_token(user.email)

    async def _spent(self, tx: Connection, token: str, user: User) -> User:
        """The user as they are now, locked, with the token used up."""
        await people_store.lock_user(tx, user.id)
        spent_by = await secret_store.spend_reset(tx, digest(token), self.clock())
        now = await people_store.user(tx, user.id)
        if spent_by != user.id or now is None or not may_sign_in(now):
            raise WrongCredentials
        return now

    async def _take_from_who_came_unproved(self, tx: Connection, user: User) -> None:
        """Who signed up by a link that was handed over may be whoever made it: what they made is not the owner's."""
        if await taking_back_store.came_unproved(tx, user.id):
            await taking_back_store.forget_made_since(tx, user.id, user.created_at, self.clock())
            await revoke(tx, user.id)
