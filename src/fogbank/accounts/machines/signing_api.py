"""Routes of the signing keys, for administrators and services: never a private part of one."""

from fastapi import APIRouter

from fogbank.accounts.client.machines import SigningKeysView
from fogbank.accounts.guards import READ, WRITE
from fogbank.accounts.machines.refusals import REFUSALS
from fogbank.accounts.machines.rendering import signing_key_views
from fogbank.accounts.machines.signing import SigningKeys
from fogbank.runtime.clock import Clock
from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason


def signing_key_routes(signing: SigningKeys, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["signing keys"], dependencies=REFUSALS)

    @router.get("/signing-keys", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_signing_keys(_caller: AdministratorCaller) -> SigningKeysView:
        """For administrators: the keys that tokens are signed with, and when each signs."""
        return SigningKeysView(signing_key_views(signing.keys.ring(), clock))

    @router.post("/signing-keys:rotate", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def rotate_signing_keys(caller: AdministratorCaller, reason: GivenReason) -> SigningKeysView:
        """For administrators: publish a new signing key, which signs once everybody knows it."""
        return SigningKeysView(signing_key_views(await signing.rotate(caller, reason), clock))

    return router
