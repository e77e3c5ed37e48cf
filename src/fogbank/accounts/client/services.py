"""How services get their tokens, and how processes without accounts find out who calls."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from fogbank.accounts.client.machines import AUTH, MachinesClient
from fogbank.accounts.client.signing_in import TokenView
from fogbank.runtime.client import ServiceHttp, TokenSource
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds
from fogbank.runtime.component import Component
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator
from fogbank.runtime.credentials.background import credential_component
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.remote_keys import RemoteKeys

RENEW_BEFORE = timedelta(minutes=1)
"""A service gets its next token this long before the old one ends."""

PEOPLES_AUDIENCE = ("accounts", "billing", "compute", "notifications", "usage")
"""The services that pages ask in a person's name."""


@dataclass(slots=True)
class ServiceToken:
    """A `TokenSource` by client credentials: asks for a token when it has none, and before the old one ends.

    It is good for the services in `audience` only; without one for all.
    """

    http: httpx.AsyncClient
    service_id: str
    secret: str = field(repr=False)
    clock: Clock
    audience: Collection[str] | None = None
    _token: TokenView | None = field(default=None, repr=False)

    async def __call__(self) -> str:
        if self._token is None or self._token.expires_at - self.clock() < RENEW_BEFORE:
            body = {
                "grant_type": "client_credentials",
                "client_id": self.service_id,
                "client_secret": self.secret,
                "audience": None if self.audience is None else sorted(self.audience),
            }
            self._token = await ServiceHttp(self.http).post(f"{AUTH}/token", body, as_=TokenView)
        return self._token.access_token


def remote_credentials(
    authenticator: HeaderAuthenticator, *, http: httpx.AsyncClient, token: TokenSource, clock: Clock
) -> Component:
    """What keeps that authenticator's book up to date, and tells accounts of the uses of keys."""
    machines = MachinesClient(ServiceHttp(http, token))
    return credential_component(authenticator, write_uses=machines.report_uses, clock=clock)


def remote_authenticator(
    *,
    http: httpx.AsyncClient,
    token: TokenSource,
    audience: Collection[str],
    clock: Clock,
    monotonic: MonotonicClock = monotonic_seconds,
) -> HeaderAuthenticator:
    """For processes without accounts: verifies tokens by the keys that accounts publish, and asks it about the rest."""
    machines = MachinesClient(ServiceHttp(http, token))
    return HeaderAuthenticator(
        audience=audience,
        keys=RemoteKeys(ServiceHttp(http), clock),
        look_up_api_key=machines.key_facts,
        follower=Follower(machines.changes_after, monotonic),
        clock=clock,
    )
