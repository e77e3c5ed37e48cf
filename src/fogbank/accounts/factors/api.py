"""Routes of one's own second factors, and of taking away somebody else's."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from fogbank.accounts.client.factors import (
    PasskeyAddedView,
    PasskeyOptionsView,
    PasskeyView,
    RecoveryCodesView,
    SecondFactorsView,
    TotpSeedView,
)
from fogbank.accounts.factors.errors import WrongCode
from fogbank.accounts.factors.managing import ManagedFactors
from fogbank.accounts.factors.model import Overview, Passkey
from fogbank.accounts.factors.refusals import REFUSALS
from fogbank.accounts.guards import READ, WRITE, UserCaller
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
PasskeyAnswer = Annotated[dict[str, Any], Field(max_length=32)]
"""A credential as `PublicKeyCredential.toJSON()` gives it."""

OWN = problem_responses(401, 403, 404)
CHANGED = problem_responses(401, 403, 404, 409)


@dataclass(frozen=True, slots=True)
class TotpCode:
    """A code of the app that is being set up."""

    code: Code


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What the browser made, and what its holder calls it."""

    name: Name
    answer: PasskeyAnswer


@dataclass(frozen=True, slots=True)
class PasskeyChange:
    """What to call a passkey."""

    name: Name


def factor_routes(managed: ManagedFactors) -> APIRouter:
    """All of them; each says what it takes: most a recent proof (403 `recent-proof-needed`)."""
    router = APIRouter(prefix="/api/v1/users", tags=["second factors"], dependencies=REFUSALS)
    _totp_routes(router, managed)
    _passkey_routes(router, managed)

    @router.get("/me/second-factors", dependencies=READ, responses=OWN)
    async def read_second_factors(caller: UserCaller) -> SecondFactorsView:
        """One's own second factors: the app, the passkeys, and how many recovery codes are left."""
        return _overview(await managed.of(caller.id), managed.factors.passkeys.origin)

    @router.post("/me/recovery-codes", status_code=201, dependencies=WRITE, responses=CHANGED)
    async def renew_recovery_codes(caller: UserCaller) -> RecoveryCodesView:
        """Ten new codes, in place of those before. Takes a recent proof."""
        return RecoveryCodesView(await managed.renew_codes(caller))

    @router.delete("/{user_id}/second-factors", status_code=204, dependencies=WRITE, responses=OWN)
    async def take_away_second_factors(user_id: Id, caller: AdministratorCaller, reason: GivenReason) -> None:
        """For administrators: let somebody in who is locked out. Ends their sessions and tells them."""
        await managed.take_away(caller, user_id, reason)

    return router


def _totp_routes(router: APIRouter, managed: ManagedFactors) -> None:
    @router.post("/me/totp", status_code=201, dependencies=WRITE, responses=OWN)
    async def begin_totp(caller: UserCaller) -> TotpSeedView:
        """A new seed for an app; it counts once `totp:confirm` has seen a code of it. Takes a recent proof."""
        seed = await managed.begin_totp(caller)
        return TotpSeedView(seed.secret, seed.uri, seed.qr_svg)

    @router.post("/me/totp:confirm", dependencies=WRITE, responses={**CHANGED, **problem_responses(429)})
    async def confirm_totp(body: TotpCode, caller: UserCaller) -> RecoveryCodesView:
        """The seed counts from now on; with it come recovery codes, if it is the first factor."""
        codes = await managed.confirm_totp(caller, body.code)
        if codes is None:
            raise WrongCode
        return RecoveryCodesView(codes)

    @router.delete("/me/totp", status_code=204, dependencies=WRITE, responses=OWN)
    async def remove_totp(caller: UserCaller) -> None:
        """Take the app's codes no more. Takes a recent proof."""
        await managed.remove_totp(caller)


def _passkey_routes(router: APIRouter, managed: ManagedFactors) -> None:
    @router.post("/me/passkeys:begin", dependencies=WRITE, responses=CHANGED)
    async def begin_passkey(caller: UserCaller) -> PasskeyOptionsView:
        """Options for the browser's `navigator.credentials.create()`. Takes a recent proof."""
        return PasskeyOptionsView(await managed.begin_passkey(caller))

    @router.post("/me/passkeys", status_code=201, dependencies=WRITE, responses=CHANGED)
    async def add_passkey(body: NewPasskey, caller: UserCaller) -> PasskeyAddedView:
        """Register what the browser made, within five minutes of `passkeys:begin`. Takes a recent proof."""
        passkey, codes = await managed.add_passkey(caller, body.name, body.answer)
        return PasskeyAddedView(_passkey(passkey), codes)

    @router.patch("/me/passkeys/{passkey_id}", dependencies=WRITE, responses=OWN)
    async def rename_passkey(passkey_id: Id, body: PasskeyChange, caller: UserCaller) -> PasskeyView:
        """Give a passkey of one's own another name."""
        return _passkey(await managed.rename_passkey(caller, passkey_id, body.name))

    @router.delete("/me/passkeys/{passkey_id}", status_code=204, dependencies=WRITE, responses=OWN)
    async def remove_passkey(passkey_id: Id, caller: UserCaller) -> None:
        """Take it no more. Takes a recent proof."""
        await managed.remove_passkey(caller, passkey_id)


def _overview(overview: Overview, passkeys_at: str | None) -> SecondFactorsView:
    return SecondFactorsView(
        totp_since=overview.totp_since,
        passkeys=[_passkey(passkey) for passkey in overview.passkeys],
        recovery_codes_left=overview.recovery_codes_left,
        methods=sorted(overview.methods),
        passkeys_at=passkeys_at,
    )


def _passkey(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=passkey.id,
        name=passkey.name,
        is_synced=passkey.is_synced,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        regressed_at=passkey.regressed_at,
    )
