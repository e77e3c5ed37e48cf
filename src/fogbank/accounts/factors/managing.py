"""Managing second factors: one's own with a recent proof, somebody else's as an administrator who says why."""

from dataclasses import dataclass
from typing import Any

from fogbank.accounts.activity.model import State
from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import CHANGED, Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.factors import passkey_store, totp_store, wording
from fogbank.accounts.factors.ceremonies import Answer
from fogbank.accounts.factors.errors import NoSecondFactor
from fogbank.accounts.factors.model import Overview, Passkey
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.factors.service import SecondFactors
from fogbank.accounts.factors.totp import NewSeed
from fogbank.accounts.machines.revocations import ask_keys_anew, revoke
from fogbank.accounts.model import User
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.runtime.auth import Caller
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class ManagedFactors:
    """Each change is in the activity log, and told to the person by e-mail."""

    database: Database
    factors: SecondFactors
    proofs: RecentProofs
    recorder: Recorder

    async def of(self, user_id: str) -> Overview:
        async with self.database.transaction() as tx:
            return await self.factors.overview(tx, user_id)

    async def begin_totp(self, caller: Caller) -> NewSeed:
        """A new seed, in place of one that was not confirmed; one that was counts until this one is."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            return await self.factors.totp.begin(tx, user.id, user.email)

    async def confirm_totp(self, caller: Caller, code: str) -> list[str] | None:
        """Recovery codes to show, if it is their first factor; None when the code is wrong, which counts."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            before = await self.factors.overview(tx, user.id)
            if not await self.factors.totp.confirm(tx, user.id, code):
                return None
            codes = await self._first_codes(tx, user.id, before)
            await self._added(tx, caller, f"totp:{user.id}", wording.APP)
            return codes

    async def remove_totp(self, caller: Caller) -> None:
        """Take no code any more; without one there is nothing to do."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            was_there = await totp_store.seed(tx, user.id) is not None
            await totp_store.delete_all(tx, user.id)
            if was_there:
                await self._removed(tx, caller, f"totp:{user.id}", wording.APP)

    async def renew_codes(self, caller: Caller) -> list[str]:
        """Ten new recovery codes; `NoSecondFactor` where they would stand in for none."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            if not await self.factors.methods_of(tx, user.id):
                raise NoSecondFactor
            codes = await self.factors.recovery.renew(tx, user.id)
            await self._record(tx, caller, "recovery_codes.renewed", f"user:{user.id}", after={"left": len(codes)})
            return codes

    async def begin_passkey(self, caller: Caller) -> dict[str, Any]:
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            return await self.factors.passkeys.begin_registering(tx, user)

    async def add_passkey(self, caller: Caller, name: str, answer: Answer) -> tuple[Passkey, list[str]]:
        """The new passkey, and recovery codes to show if it is their first factor."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            before = await self.factors.overview(tx, user.id)
            passkey = await self.factors.passkeys.register(tx, user.id, name, answer)
            codes = await self._first_codes(tx, user.id, before)
            await self._added(tx, caller, f"passkey:{passkey.id}", wording.passkey(name))
            return passkey, codes

    async def rename_passkey(self, caller: Caller, passkey_id: str, name: str) -> Passkey:
        async with self.database.transaction() as tx:
            passkey = await passkey_store.rename(tx, caller.id, passkey_id, name)
            if passkey is None:
                raise NotVisible("passkey", passkey_id)
            await self._record(tx, caller, "passkey.renamed", f"passkey:{passkey_id}", after={"name": CHANGED})
            return passkey

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        """Take it no more; `NotVisible` where it is not theirs."""
        async with self.database.transaction() as tx:
            user = await self._proved(tx, caller)
            name = await passkey_store.delete(tx, user.id, passkey_id)
            if name is None:
                raise NotVisible("passkey", passkey_id)
            await self._removed(tx, caller, f"passkey:{passkey_id}", wording.passkey(name))

    async def take_away(self, administrator: Caller, user_id: str, reason: str) -> None:
        """Help somebody who is locked out: no factors, no sessions, and a message that says so.

        A way in, for who has their password: an administrator's session proves lately whose it is.
        """
        reason = reason_for(administrator, (user_id,), reason)
        await self.proofs.require_of_session(administrator)
        async with self.database.transaction() as tx:
            if await people_store.user(tx, user_id) is None:
                raise NotVisible("user", user_id)
            before = await self.factors.overview(tx, user_id)
            await self.factors.remove_all(tx, user_id)
            await session_store.delete_sessions_of(tx, user_id)
            await revoke(tx, user_id)
            await self.factors.mailing.notice_in(tx, user_id, wording.taken_away(reason))
            await self.recorder.record_in(
                tx,
                administrator,
                "second_factors.removed",
                f"user:{user_id}",
                account_id=user_id,
                reason=reason,
                before={"methods": sorted(before.methods)},
                after={"methods": []},
            )

    async def _proved(self, tx: Connection, caller: Caller) -> User:
        """The caller, who has lately proved that they are; others who change their factors wait."""
        await self.proofs.require(tx, caller)
        await people_store.lock_user(tx, caller.id)
        user = await people_store.user(tx, caller.id)
        if user is None:
            raise NotVisible("user", caller.id)
        return user

    async def _first_codes(self, tx: Connection, user_id: str, before: Overview) -> list[str]:
        """Recovery codes, with the first factor; what requires one is open to them from then on."""
        if before.methods:
            return []
        await ask_keys_anew(tx, user_id)
        return await self.factors.recovery.renew(tx, user_id)

    async def _added(self, tx: Connection, caller: Caller, subject: str, what: str) -> None:
        await self.factors.mailing.notice_in(tx, caller.id, wording.added(what))
        await self._record(tx, caller, "second_factor.added", subject)

    async def _removed(self, tx: Connection, caller: Caller, subject: str, what: str) -> None:
        """With the last factor go the recovery codes, which stood in for it, and what requires one."""
        if not await self.factors.methods_of(tx, caller.id):
            await self.factors.remove_all(tx, caller.id)
            await revoke(tx, caller.id)
        await self.factors.mailing.notice_in(tx, caller.id, wording.removed(what))
        await self._record(tx, caller, "second_factor.removed", subject)

    async def _record(self, tx: Connection, caller: Caller, action: str, subject: str, *, after: State = None) -> None:
        await self.recorder.record_in(tx, caller, action, subject, account_id=caller.id, after=after)
