"""Sign-in by issuers, wired."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.oidc import flow_store
from fogbank.accounts.oidc.api import oidc_routes
from fogbank.accounts.oidc.asking import Asking
from fogbank.accounts.oidc.discovery import Discovery
from fogbank.accounts.oidc.entering import Entering
from fogbank.accounts.oidc.exchanging import Exchanging
from fogbank.accounts.oidc.id_tokens import IdTokens
from fogbank.accounts.oidc.issuer_api import issuer_routes
from fogbank.accounts.oidc.issuers import Issuers
from fogbank.accounts.oidc.linking import Linking
from fogbank.accounts.oidc.rules import REDIRECT_PATH
from fogbank.accounts.oidc.service import OidcSignIn
from fogbank.accounts.signing_in.service import SignIn
from fogbank.kernel.networks import networks_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.outbound.client import Outbound
from fogbank.runtime.outbound.resolving import SystemResolver
from fogbank.runtime.sealing import SealingKeys


@dataclass(frozen=True, slots=True)
class OidcTerms:
    """Which issuers may be asked besides those at public addresses by HTTPS, as the settings `oidc` have it."""

    allow_private: Sequence[str] = ()
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class OpenOidc:
    """The routes, and the work that is due every hour."""

    database: Database
    clock: Clock
    routers: list[APIRouter]

    async def delete_ended(self) -> None:
        """Forget sign-ins that were not finished, and identities that nobody confirmed."""
        async with self.database.transaction() as tx:
            await flow_store.delete_ended(tx, self.clock())


@asynccontextmanager
async def open_oidc(
    *,
    database: Database,
    sealing: SealingKeys,
    sign_in: SignIn,
    proofs: RecentProofs,
    recorder: Recorder,
    public_url: str,
    terms: OidcTerms,
    clock: Clock,
    entropy: Entropy,
) -> AsyncIterator[OpenOidc]:
    """Sign-in by issuers for the pages at `public_url`; `sign_in` opens the sessions."""
    redirect_uri, resolver = public_url + REDIRECT_PATH, SystemResolver()
    try:
        async with Outbound.open(resolver, private_networks=networks_of(terms.allow_private)) as outbound:
            asking = Asking(outbound, terms.allow_http)
            discovery = Discovery(asking, clock)
            exchanging = Exchanging(asking, IdTokens(discovery, clock), sealing, redirect_uri)
            entering = Entering(database, sign_in, sign_in.challenges, recorder, clock, entropy)
            oidc = OidcSignIn(database, discovery, exchanging, entering, clock, entropy)
            linking = Linking(database, proofs, recorder, clock, entropy)
            issuers = Issuers(database, discovery, sealing, recorder, clock, entropy)
            yield OpenOidc(database, clock, [oidc_routes(oidc, linking), issuer_routes(issuers, proofs, redirect_uri)])
    finally:
        resolver.close()
