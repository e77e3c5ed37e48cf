"""What a new password does, however it came about: it ends sessions, links and resets, and the person is told."""

from dataclasses import dataclass

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.model import User
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in import secret_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.mailing import RESET_PATH, Mailing
from fogbank.accounts.signing_in.sessions import Sessions
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection


@dataclass(frozen=True, slots=True)
class PasswordSetting:
    """Sets passwords, for whoever has shown that they may."""

    sessions: Sessions
    mailing: Mailing
    recorder: Recorder
    clock: Clock

    async def set_in(
        self,
        tx: Connection,
        caller: Caller,
        user: User,
        password_hash: str,
        *,
        kept: str = "",
        reason: str = "",
        is_confirmed: bool = False,
    ) -> None:
        """Set it, end whatever was open by the one before, but the session `kept`, and tell the person.

        The user must be locked.

        `is_confirmed`: whoever sets it has just shown that the account's address is theirs.
        """
        is_own = caller.id == user.id
        await people_store.set_password(tx, user.id, password_hash, self.clock() if is_own else None)
        if is_confirmed:
            await people_store.confirm_email(tx, user.id, self.clock())
        await session_store.delete_links_of(tx, user.id)
        await secret_store.forget_of_user(tx, user.id)
        await self.mailing.post_in(tx, user.email, "password_changed", {"link": self.mailing.link(RESET_PATH)})
        await self.sessions.end_but(tx, caller, user.id, kept=kept)
        await self.recorder.record_in(
            tx, caller, "password.changed", f"user:{user.id}", account_id=user.id, reason=reason
        )
