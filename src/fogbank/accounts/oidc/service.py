"""Signing in by an issuer: begun in a browser, finished in the same one, once, within ten minutes."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from fogbank.accounts.errors import NotVisible
from fogbank.accounts.oidc import flow_store, issuer_store
from fogbank.accounts.oidc.discovery import Discovery
from fogbank.accounts.oidc.entering import Entering
from fogbank.accounts.oidc.errors import FlowEnded, IdentityRefused, IssuerSaidNo
from fogbank.accounts.oidc.exchanging import Exchanging, word_of
from fogbank.accounts.oidc.model import Flow, Issuer
from fogbank.accounts.oidc.rules import FLOW_LIFE, from_binding, is_from
from fogbank.accounts.opaque import digest, new_secret
from fogbank.accounts.signing_in.model import Place, Session
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it must keep (in a cookie) until it comes back."""

    url: str
    binding: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser came back with: the query of its address, and what it kept."""

    state: str
    binding: str
    code: str | None = None
    iss: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class OidcSignIn:
    """The authorization code flow, with PKCE by S256 (RFC 7636) and the answer's issuer compared (RFC 9207)."""

    database: Database
    discovery: Discovery
    exchanging: Exchanging
    entering: Entering
    clock: Clock
    entropy: Entropy

    async def issuers(self) -> list[Issuer]:
        """By which one can sign in."""
        async with self.database.connection() as connection:
            return await issuer_store.issuers(connection)

    async def begin(self, issuer_id: str) -> Begun:
        """A sign-in by that issuer; `NotVisible`, `IssuerUnreachable`."""
        async with self.database.connection() as connection:
            issuer = await issuer_store.issuer(connection, issuer_id)
        if issuer is None:
            raise NotVisible("issuer", issuer_id)
        metadata = await self.discovery.metadata(issuer.url)
        state, binding, now = new_secret(self.entropy), new_secret(self.entropy), self.clock()
        flow = Flow(issuer.id, sha256(binding.encode()).digest(), now, now + FLOW_LIFE)
        async with self.database.transaction() as tx:
            await flow_store.insert_flow(tx, digest(state), flow)
        return Begun(self._url(issuer, metadata.authorization_endpoint, state, binding), binding)

    async def finish(self, returned: Returned, place: Place) -> Session:
        """A session for whom the issuer knows and we do too.

        `FlowEnded`, `IssuerSaidNo`, `IssuerUnreachable`, `IdentityRefused`; and what `Entering` raises.
        """
        flow, issuer = await self._spent(returned)
        metadata = await self.discovery.metadata(issuer.url)
        if not is_from(metadata, returned.iss):
            raise IdentityRefused("The answer is another issuer's than the one that was asked.")
        if returned.error is not None or returned.code is None:
            raise IssuerSaidNo(word_of(returned.error))
        exchanged = await self.exchanging.identity(issuer, metadata, flow, returned.code, returned.binding)
        identity = exchanged.identity
        if not await self.entering.knows(issuer, identity):
            identity = await self.exchanging.with_address(metadata, exchanged)
        return await self.entering.enter(issuer, identity, returned.binding, place)

    async def _spent(self, returned: Returned) -> tuple[Flow, Issuer]:
        """The sign-in that this ends, whatever comes of it: a state is good once."""
        async with self.database.transaction() as tx:
            flow = await flow_store.spend_flow(tx, digest(returned.state))
            issuer = await issuer_store.issuer(tx, flow.issuer_id) if flow is not None else None
        if flow is None or issuer is None or flow.expires_at <= self.clock():
            raise FlowEnded
        if not compare_digest(flow.binding_sha256, sha256(returned.binding.encode()).digest()):
            raise FlowEnded
        return flow, issuer

    def _url(self, issuer: Issuer, endpoint: str, state: str, binding: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": issuer.client_id,
            "redirect_uri": self.exchanging.redirect_uri,
            "scope": " ".join(issuer.scopes),
            "state": state,
            "nonce": from_binding(binding, "nonce"),
            "code_challenge": create_s256_code_challenge(from_binding(binding, "verifier")),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"
