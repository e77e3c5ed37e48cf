"""Second factors, for whoever signs somebody in: what they have, and whether what they show is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.factors import guess_store, passkey_store, proof_store, recovery_store, totp_store, wording
from fogbank.accounts.factors.model import Method, Overview
from fogbank.accounts.factors.passkeys import Passkeys
from fogbank.accounts.factors.recovery import RecoveryCodes
from fogbank.accounts.factors.rules import PROOF_LIFE, methods_with
from fogbank.accounts.factors.totp import UNCONFIRMED_LIFE, Totp
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

ProofAnswer = str | Mapping[str, Any]
"""A code as it was typed, or a passkey's answer as the browser gives it."""


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """Everybody's second factors."""

    database: Database
    totp: Totp
    recovery: RecoveryCodes
    passkeys: Passkeys
    mailing: Mailing
    recorder: Recorder
    clock: Clock

    async def methods_of(self, tx: Connection, user_id: str) -> frozenset[str]:
        """By which their sign-in can be completed: `totp`, `passkey`, `recovery`; empty where a password is enough."""
        return (await self.overview(tx, user_id)).methods

    async def check(self, tx: Connection, user_id: str, method: str, answer: ProofAnswer) -> bool:
        """Whether what they show is right, and not used before; used up then. `TooManyAttempts` when it is too early.

        Commit whatever it says: a wrong guess counts, and a passkey's challenge is spent, only then.
        """
        if isinstance(answer, str):
            if method == Method.TOTP:
                return await self.totp.check(tx, user_id, answer)
            return method == Method.RECOVERY and await self._check_recovery(tx, user_id, answer)
        return method == Method.PASSKEY and await self.passkeys.check(tx, user_id, answer)

    async def overview(self, tx: Connection, user_id: str) -> Overview:
        """All that somebody has."""
        seed = await totp_store.seed(tx, user_id)
        passkeys = await passkey_store.of_user(tx, user_id)
        left = await recovery_store.left(tx, user_id)
        methods = methods_with(has_totp=seed is not None, passkeys=len(passkeys), recovery_codes=left)
        return Overview(seed.confirmed_at if seed else None, tuple(passkeys), left, methods)

    async def remove_all(self, tx: Connection, user_id: str) -> None:
        """Leave them with nothing but their password."""
        await totp_store.delete_all(tx, user_id)
        await passkey_store.delete_all(tx, user_id)
        await recovery_store.delete(tx, user_id)
        await guess_store.forget_all(tx, user_id)

    async def delete_ended(self) -> None:
        """Forget seeds that nobody confirmed, challenges that nobody answered, and proofs that are recent no more."""
        now = self.clock()
        async with self.database.transaction() as tx:
            await totp_store.delete_stale(tx, now - UNCONFIRMED_LIFE)
            await passkey_store.delete_ended_challenges(tx, now)
            await proof_store.delete_old(tx, now - max(PROOF_LIFE, timedelta(hours=1)))

    async def _check_recovery(self, tx: Connection, user_id: str, code: str) -> bool:
        if not (await self.methods_of(tx, user_id)) or not await self.recovery.check(tx, user_id, code):
            return False
        left = await recovery_store.left(tx, user_id)
        await self.mailing.notice_in(tx, user_id, wording.recovery_code_used(left))
        await self.recorder.record_in(
            tx, None, "recovery_code.used", f"user:{user_id}", account_id=user_id, after={"left": left}
        )
        return True
