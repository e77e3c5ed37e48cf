"""Signing up by an invitation to an organisation: its link came to the address, so the address needs no other proof."""

from dataclasses import dataclass

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import EmailTaken
from fogbank.accounts.organizations.accepting import Invitations
from fogbank.accounts.organizations.errors import AddressNotConfirmed
from fogbank.accounts.people import store as people_store
from fogbank.accounts.people.making import made_user
from fogbank.accounts.signing_in import secret_store
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.model import Place, Session, SessionMethod
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class InvitedSignUp:
    """Whoever is invited makes an account, whatever `accounts.sign_up` says."""

    database: Database
    new_passwords: NewPasswords
    sessions: Sessions
    invitations: Invitations
    mailing: Mailing
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def sign_up(self, token: str, name: str, password: str, place: Place) -> Session:
        """An account of the invited address, a membership, and a first session; all of it or nothing.

        `InvitationNotGood`, `WeakPassword`; `EmailTaken` where the address has an account, which accepts by signing in.
        `AddressNotConfirmed` where the link was handed over although e-mails can be sent: then it proves no address.
        """
        offered = await self.invitations.offered(token)
        email, is_confirmed = offered.invitation.email, offered.invitation.is_mailed
        if not is_confirmed and await self.mailing.is_ready():
            raise AddressNotConfirmed
        password_hash = await self.new_passwords.hashed(password, email=email, name=name)
        user = made_user(
            email, name, self.clock(), self.entropy, password_hash, is_confirmed=is_confirmed, is_chosen=True
        )
        async with self.database.transaction() as tx:
            if not await people_store.insert_user_once(tx, user):
                raise EmailTaken
            await self.invitations.accept_in(tx, user, token)
            await secret_store.forget_sign_ups(tx, email)
            caller = Caller(user.id, CallerKind.USER, address=place.address)
            await self.recorder.record_in(tx, caller, "user.signed_up", f"user:{user.id}", account_id=user.id)
            return await self.sessions.open_in(tx, user, SessionMethod.PASSWORD, place)
