"""Second factors, wired. Signing in asks `factors`, and opens sessions for `passkey_sign_in`: so it is told last."""

from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.factors.api import factor_routes
from fogbank.accounts.factors.guessing import Guessing
from fogbank.accounts.factors.managing import ManagedFactors
from fogbank.accounts.factors.passkey_sign_in import PasskeySignIn, Sessions
from fogbank.accounts.factors.passkeys import Passkeys
from fogbank.accounts.factors.proof_api import proof_routes
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.factors.recovery import RecoveryCodes
from fogbank.accounts.factors.rules import party_name_of
from fogbank.accounts.factors.service import SecondFactors
from fogbank.accounts.factors.totp import Totp
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.sealing import SealingKeys


@dataclass(frozen=True, slots=True)
class Factors:
    """What the other rooms get: `factors` for signing in, `proofs` for whatever takes a recent one."""

    factors: SecondFactors
    proofs: RecentProofs
    recorder: Recorder

    def routers(self, sessions: Sessions) -> list[APIRouter]:
        """The routes, with `sessions` to open sessions for passkeys."""
        database = self.factors.database
        managed = ManagedFactors(database, self.factors, self.proofs, self.recorder)
        sign_in = PasskeySignIn(database, self.factors.passkeys, sessions)
        return [factor_routes(managed), proof_routes(sign_in, self.proofs)]


def open_factors(
    *,
    database: Database,
    sealing: SealingKeys,
    passwords: Passwords,
    mailing: Mailing,
    recorder: Recorder,
    public_url: str,
    clock: Clock,
    entropy: Entropy,
) -> Factors:
    """Second factors for the pages at `public_url`."""
    name, guessing = party_name_of(public_url), Guessing(clock)
    factors = SecondFactors(
        database=database,
        totp=Totp(sealing, guessing, name, clock, entropy),
        recovery=RecoveryCodes(clock, entropy),
        passkeys=Passkeys(public_url, name, mailing, clock, entropy),
        mailing=mailing,
        recorder=recorder,
        clock=clock,
    )
    proofs = RecentProofs(database, factors, passwords, guessing, recorder, clock)
    return Factors(factors, proofs, recorder)
