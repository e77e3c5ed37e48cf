"""Changing one's address: confirmed at the new one, told to the old one, which can undo it for seven days."""

from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.activity.recording import CHANGED, Recorder
from fogbank.accounts.errors import EmailTaken, WrongCredentials
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import User
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in import secret_store, taking_back_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.allowance import Allowance, Asked
from fogbank.accounts.signing_in.mailing import NEW_ADDRESS_PATH, UNDO_ADDRESS_PATH, Mailing
from fogbank.accounts.signing_in.model import Place
from fogbank.accounts.signing_in.resetting import Resetting
from fogbank.accounts.signing_in.secret_store import Addressed, Undone
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

CONFIRM_WITHIN = timedelta(hours=24)
UNDO_WITHIN = timedelta(days=7)
DOUBTED_BEFORE = timedelta(days=1)
"""Who takes an account over may give themselves other ways in first, and another address then."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whose account it is, is for `people` to find out; what happens to its address is here."""

    database: Database
    sessions: Sessions
    resetting: Resetting
    mailing: Mailing
    allowance: Allowance
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def begin(self, caller: Caller, user: User, email: str) -> None:
        """Ask the new address to confirm. One that has an account is told so instead, and the caller is not.

        `NoMail`, `TooManyAttempts`.
        """
        await self.mailing.require_ready()
        if not self.allowance.take(Asked.ADDRESS, caller.address or caller.id, email, self.clock()):
            return
        token, now = new_secret(self.entropy), self.clock()
        async with self.database.transaction() as tx:
            holder = await people_store.user_by_email(tx, email)
            await secret_store.insert_change(tx, digest(token), Addressed(user.id, email), now, now + CONFIRM_WITHIN)
            reset = await self.resetting.new_link(tx, holder.id if holder else None)
            if holder is None:
                link = self.mailing.link(NEW_ADDRESS_PATH, token)
                await self.mailing.post_in(tx, email, "confirm_new_address", {"link": link})
            else:
                await self.mailing.post_in(tx, holder.email, "already_signed_up", {"link": reset})
            await self.recorder.record_in(tx, caller, "email_change.asked", f"user:{user.id}", account_id=user.id)

    async def confirm(self, token: str, place: Place) -> None:
        """Change it. `WrongCredentials` for a token that holds no longer, `EmailTaken` where another has it by now."""
        async with self.database.transaction() as tx:
            change = await secret_store.spend_change(tx, digest(token), self.clock())
            if change is None:
                raise WrongCredentials
            caller = Caller(change.user_id, CallerKind.USER, address=place.address)
            before = await self.change_in(tx, caller, change.user_id, change.email, is_confirmed=True)
            link = self.mailing.link(UNDO_ADDRESS_PATH, await self._new_undo(tx, before))
            told = {"new_address": change.email, "link": link}
            await self.mailing.post_in(tx, before.email, "address_changed", told)

    async def undo(self, token: str, place: Place) -> None:
        """Give the account back to its old address, and take it from whoever gave it another one.

        No session and no password is left, nor what was made since a day before the change: factors, identities of
        issuers, API keys, and links to undo later changes. A new password is chosen by a link to the old address.
        `WrongCredentials` for a token that holds no longer, `EmailTaken` where another has the address by now.
        """
        async with self.database.transaction() as tx:
            undone = await secret_store.spend_undo(tx, digest(token), self.clock())
            if undone is None:
                raise WrongCredentials
            caller = Caller(undone.user_id, CallerKind.USER, address=place.address)
            await self._take_back(tx, undone)
            await self.change_in(tx, caller, undone.user_id, undone.email, is_confirmed=True)
            await self.sessions.end_but(tx, caller, undone.user_id)
            await self.recorder.record_in(
                tx, caller, "password.removed", f"user:{undone.user_id}", account_id=undone.user_id
            )
            link = await self.resetting.new_link(tx, undone.user_id)
            await self.mailing.post_in(tx, undone.email, "reset_password", {"link": link})

    async def change_in(
        self, tx: Connection, caller: Caller, user_id: str, email: str, *, is_confirmed: bool, reason: str = ""
    ) -> User:
        """Give a user another address; who they were before it. `EmailTaken`."""
        await people_store.lock_user(tx, user_id)
        before = await people_store.user(tx, user_id)
        if before is None:
            raise WrongCredentials
        if not await people_store.set_email_once(tx, user_id, email, self.clock() if is_confirmed else None):
            raise EmailTaken
        # What was mailed to the address before it is no word of who has the new one.
        await session_store.delete_links_of(tx, user_id)
        await secret_store.forget_of_user(tx, user_id)
        await self.recorder.record_in(
            tx,
            caller,
            "email.changed",
            f"user:{user_id}",
            account_id=user_id,
            reason=reason,
            after={"email": CHANGED},
        )
        return before

    async def tell_in(self, tx: Connection, before: User, email: str) -> None:
        """Tell the address that an account had, where an administrator changed it."""
        await self.mailing.post_in(tx, before.email, "address_changed", {"new_address": email})

    async def _take_back(self, tx: Connection, undone: Undone) -> None:
        """Leave nothing of what whoever changed the address may have made; before anything is recorded."""
        await people_store.lock_user(tx, undone.user_id)
        await secret_store.forget_later_undos(tx, undone)
        await people_store.forget_password(tx, undone.user_id)
        since = undone.changed_at - DOUBTED_BEFORE
        await taking_back_store.forget_made_since(tx, undone.user_id, since, self.clock())
        await revoke(tx, undone.user_id)

    async def _new_undo(self, tx: Connection, before: User) -> str:
        token, now = new_secret(self.entropy), self.clock()
        await secret_store.insert_undo(tx, digest(token), Addressed(before.id, before.email), now, now + UNDO_WITHIN)
        return token
