"""Signing up: an address is confirmed before there is an account, and nobody is told whether it has one already.

The password is chosen by whoever confirms. Were it chosen by whoever asks, somebody could sign up with another's
address and wait until they confirm it, with a password that somebody else knows.
"""

from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import WrongCredentials
from fogbank.accounts.model import User
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.people.making import made_user
from fogbank.accounts.signing_in import secret_store
from fogbank.accounts.signing_in.allowance import Allowance, Asked
from fogbank.accounts.signing_in.errors import SignUpClosed
from fogbank.accounts.signing_in.mailing import CONFIRM_PATH, RESET_PATH, Mailing
from fogbank.accounts.signing_in.model import Place, Session, SessionMethod
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.accounts.signing_in.resetting import RESET_LIFE
from fogbank.accounts.signing_in.secret_store import SignedUp
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

SIGN_UP_LIFE = timedelta(hours=24)
NOBODY = SignedUp("", "")


@dataclass(frozen=True, slots=True)
class SignUp:
    """People who come by themselves, where `is_open`."""

    database: Database
    new_passwords: NewPasswords
    sessions: Sessions
    mailing: Mailing
    allowance: Allowance
    recorder: Recorder
    is_open: bool
    clock: Clock
    entropy: Entropy

    async def is_possible(self) -> bool:
        """Whether people can sign up by themselves now."""
        return self.is_open and await self.mailing.is_ready()

    async def begin(self, email: str, name: str, address: str) -> None:
        """Send a mail to confirm the address; where it has an account, one that says so. Whoever asks sees no
        difference, and either costs the same.

        `SignUpClosed`, `TooManyAttempts` for whoever asks too often; a mailbox that got enough gets no more.
        """
        await self._require_open()
        if not self.allowance.take(Asked.SIGN_UP, address, email, self.clock()):
            return
        async with self.database.transaction() as tx:
            user = await people_store.user_by_email(tx, email)
            kind, link = await (self._known(tx, user) if user else self._new(tx, SignedUp(email, name)))
            await self.mailing.post_in(tx, user.email if user else email, kind, {"link": link})

    async def send_again(self, email: str, address: str) -> None:
        """Send that mail again to whoever has signed up; to nobody where nobody has, at the same cost."""
        await self._require_open()
        if not self.allowance.take(Asked.SIGN_UP_AGAIN, address, email, self.clock()):
            return
        async with self.database.transaction() as tx:
            user = await people_store.user_by_email(tx, email)
            waiting = await secret_store.newest_sign_up(tx, email, self.clock())
            kind, link = await (self._known(tx, user) if user else self._new(tx, waiting or NOBODY))
            known = user or waiting
            await self.mailing.post_in(tx, known.email if known else None, kind, {"link": link})

    async def confirm(self, token: str, password: str, place: Place) -> Session:
        """Make the account of a confirmed address, with a password, and a first session.

        `WrongCredentials` for a token that was used, has ended or never was; `WeakPassword`, and then it is not used.
        """
        async with self.database.connection() as connection:
            waiting = await secret_store.sign_up(connection, digest(token), self.clock())
        if waiting is None:
            raise WrongCredentials
        password_hash = await self.new_passwords.hashed(password, email=waiting.email, name=waiting.name)
        async with self.database.transaction() as tx:
            spent = await secret_store.spend_sign_up(tx, digest(token), self.clock())
            if spent is None:
                raise WrongCredentials
            user = made_user(
                spent.email, spent.name, self.clock(), self.entropy, password_hash, is_confirmed=True, is_chosen=True
            )
            if not await people_store.insert_user_once(tx, user):
                raise WrongCredentials  # another sign-up of this address was confirmed first
            await secret_store.forget_sign_ups(tx, user.email)
            await self._record(tx, user, place)
            return await self.sessions.open_in(tx, user, SessionMethod.PASSWORD, place)

    async def _require_open(self) -> None:
        if not self.is_open:
            raise SignUpClosed(has_mail=True)
        if not await self.mailing.is_ready():
            raise SignUpClosed(has_mail=False)

    async def _new(self, tx: Connection, who: SignedUp) -> tuple[str, str]:
        token, now = new_secret(self.entropy), self.clock()
        await secret_store.insert_sign_up(tx, digest(token), who, now, now + SIGN_UP_LIFE)
        return "confirm_address", self.mailing.link(CONFIRM_PATH, token)

    async def _known(self, tx: Connection, user: User) -> tuple[str, str]:
        """Who signs up again has most likely forgotten that they had, and the password too."""
        token, now = new_secret(self.entropy), self.clock()
        await secret_store.insert_reset(tx, digest(token), user.id, now, now + RESET_LIFE)
        return "already_signed_up", self.mailing.link(RESET_PATH, token)

    async def _record(self, tx: Connection, user: User, place: Place) -> None:
        caller = Caller(user.id, CallerKind.USER, address=place.address)
        await self.recorder.record_in(tx, caller, "user.signed_up", f"user:{user.id}", account_id=user.id)
