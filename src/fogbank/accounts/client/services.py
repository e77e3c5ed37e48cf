"""How services get their tokens, and how processes without accounts find out who calls."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from fogbank.accounts.client.accounts import API, AccountsClient
from fogbank.accounts.client.signing_in import TokenView
from fogbank.runtime.authenticator import HeaderAuthenticator
from fogbank.runtime.client import ServiceHttp, TokenSource
from fogbank.runtime.clock import Clock
from fogbank.runtime.remote_keys import RemoteKeys

RENEW_BEFORE = timedelta(minutes=1)
"""A service gets its next token this long before the old one ends."""


@dataclass(slots=True)
class ServiceToken:
    """A `TokenSource` by client credentials: asks for a token when it has none, and before the old one ends."""

    http: httpx.AsyncClient
    service_id: str
    secret: str = field(repr=False)
    clock: Clock
    _token: TokenView | None = None

    async def __call__(self) -> str:
        if self._token is None or self._token.expires_at - self.clock() < RENEW_BEFORE:
            body = {"grant_type": "client_credentials", "client_id": self.service_id, "client_secret": self.secret}
            self._token = await ServiceHttp(self.http).post(f"{API}/auth/token", body, as_=TokenView)
        return self._token.access_token


def remote_authenticator(
    *, http: httpx.AsyncClient, token: TokenSource, audience: Collection[str], clock: Clock
) -> HeaderAuthenticator:
    """For processes without accounts: verifies tokens by the keys that accounts publish, and asks it about API keys."""
    accounts = AccountsClient(ServiceHttp(http, token))
    return HeaderAuthenticator(audience, RemoteKeys(ServiceHttp(http), clock), accounts.who_has_key, clock)
