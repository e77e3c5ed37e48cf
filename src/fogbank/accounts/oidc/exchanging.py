"""From an issuer's code to who somebody is: the code is changed for an ID token, which is verified."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus

from fogbank.accounts.oidc.asking import Asking
from fogbank.accounts.oidc.errors import IdentityRefused, IssuerSaidNo, IssuerUnreachable
from fogbank.accounts.oidc.id_tokens import Expected, IdTokens
from fogbank.accounts.oidc.model import Flow, Identity, Issuer, Metadata
from fogbank.accounts.oidc.rules import from_binding, identity_of
from fogbank.runtime.sealing import SealingKeys

WORD_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a code was changed for: who came, and what else of them may be asked by."""

    identity: Identity
    access_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchanging:
    """Speaks to issuers' token and userinfo endpoints."""

    asking: Asking
    id_tokens: IdTokens
    sealing: SealingKeys
    redirect_uri: str

    async def identity(self, issuer: Issuer, metadata: Metadata, flow: Flow, code: str, binding: str) -> Exchanged:
        """Who the issuer says that came; `IdentityRefused`, `IssuerSaidNo`, `IssuerUnreachable`."""
        tokens = await self._tokens(issuer, metadata, code, from_binding(binding, "verifier"))
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise IdentityRefused("The issuer gave no ID token; does the scope 'openid' reach it?")
        access_token = access_token if isinstance(access_token, str) else None
        expected = Expected(issuer.client_id, from_binding(binding, "nonce"), access_token, flow.began_at)
        identity = identity_of(await self.id_tokens.verify(id_token, metadata, expected))
        if identity is None:
            raise IdentityRefused("The ID token does not say whom it is about.")
        return Exchanged(identity, access_token)

    async def with_address(self, metadata: Metadata, exchanged: Exchanged) -> Identity:
        """The same with its address, which some issuers leave out of the ID token; only if it is about the same person.

        (OpenID Connect Core 1.0, 5.3.2.)
        """
        identity, url = exchanged.identity, metadata.userinfo_endpoint
        if identity.email or url is None or exchanged.access_token is None:
            return identity
        found = await self.asking.get(url, {"authorization": f"Bearer {exchanged.access_token}"})
        more = identity_of(found) if isinstance(found, dict) else None
        if more is None or more.subject != identity.subject:
            raise IdentityRefused("The issuer's userinfo is about somebody else.")
        return replace(
            identity,
            email=more.email,
            is_email_verified=more.is_email_verified,
            name=identity.name or more.name,
        )

    async def _tokens(self, issuer: Issuer, metadata: Metadata, code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        secret, headers = self._secret_of(issuer), {}
        if secret is not None and metadata.takes_basic:
            headers["authorization"] = _basic(issuer.client_id, secret)
        else:
            form |= {"client_id": issuer.client_id} | ({} if secret is None else {"client_secret": secret})
        status, answer = await self.asking.post(metadata.token_endpoint, form, headers)
        if not isinstance(answer, dict):
            raise IssuerUnreachable(f"{metadata.token_endpoint} did not answer with a JSON object.")
        if status != HTTPStatus.OK:
            raise IssuerSaidNo(word_of(answer.get("error")))
        return answer

    def _secret_of(self, issuer: Issuer) -> str | None:
        if issuer.key_id is None or issuer.sealed is None:
            return None
        return self.sealing.open(owner_of(issuer.id), issuer.key_id, issuer.sealed)


def owner_of(issuer_id: str) -> str:
    """Whose a sealed client secret is."""
    return f"issuer:{issuer_id}"


def word_of(error: object) -> str:
    """An issuer's word for what is wrong, as far as it can be shown."""
    text = error if isinstance(error, str) else ""
    shown = "".join(letter for letter in text if letter.isascii() and letter.isprintable())[:WORD_CHARACTERS_MAX]
    return shown or "an error without a name"


def _basic(client_id: str, secret: str) -> str:
    """Both are form-encoded first (RFC 6749, 2.3.1)."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
