"""The world of sign-in by issuers: all of accounts on the real database, and a provider that listens on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock
from tests.integration.oidc.issuer import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

from fogbank.accounts.client import AccountsClient, ServiceToken, SessionView, UserView
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.client.issuers import IssuersClient, IssuerView, NewIssuer, OidcBegunView
from fogbank.accounts.client.signing_in import Browser
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.accounts.oidc.opening import OidcTerms
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.secret_files import service_secret

PASSWORD = "correct horse battery"
PUBLIC_URL = "https://fog.example.com"
BROWSER = Browser("192.0.2.1", "a browser")
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with a password, signed in by it."""

    id: str
    email: str
    issuers: IssuersClient
    factors: FactorsClient


@dataclass(frozen=True)
class World:
    """What tests hold in their hands."""

    http: httpx.AsyncClient
    accounts: AccountsClient
    issuers: IssuersClient
    database: Database
    clock: MovingClock
    provider: Provider
    delete_ended: Callable[[], Awaitable[None]]
    app: FastAPI
    data: Path

    async def person(self, email: str | None = None, *, is_administrator: bool = False) -> Person:
        """Somebody new."""
        email = email or new_email()
        body = {"email": email, "name": "Somebody", "password": PASSWORD}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        if is_administrator:
            await self.accounts.service.patch(f"/api/v1/users/{user.id}", {"is_administrator": True}, as_=UserView)
        return await self.signed_in(user.id, email)

    async def signed_in(self, user_id: str, email: str) -> Person:
        """Somebody, signed in by their password just now."""
        return await self.as_session(user_id, email, await self.accounts.sign_in(email, PASSWORD, "192.0.2.1"))

    async def as_session(self, user_id: str, email: str, session: SessionView) -> Person:
        token = (await self.accounts.token_for_session(session.session_token)).access_token
        service = ServiceHttp(self.http)
        return Person(user_id, email, IssuersClient(service).as_caller(token), FactorsClient(service).as_caller(token))

    async def issuer(self, **changed: Any) -> IssuerView:
        """The provider as an issuer of ours, in place of one that was, an hour later: so it is asked anew."""
        self.clock.forward(hours=1)
        for known in await self.issuers.issuers():
            await self.issuers.remove(known.id, "between tests")
        self.provider.behave()
        facts = {"name": "Example", "url": self.provider.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return await self.issuers.add(NewIssuer(**{**facts, **changed}), "for tests")

    async def come(self, issuer: IssuerView, subject: str, **claims: Any) -> SessionView:
        """Somebody signs in by the issuer, all the way."""
        return await self.finish(*(await self.sent_back(issuer, subject, **claims)))

    async def sent_back(self, issuer: IssuerView, subject: str, **claims: Any) -> tuple[OidcBegunView, dict[str, str]]:
        """They are sent to the issuer and back; what the browser kept, and what it came back with."""
        begun = await self.issuers.begin(issuer.id)
        return begun, self.provider.browser_signs_in(begun.url, subject, **claims)

    async def finish(self, begun: OidcBegunView, returned: dict[str, str], **changed: Any) -> SessionView:
        facts: dict[str, Any] = {"binding": begun.binding, **returned, **changed}
        return await self.issuers.finish(browser=BROWSER, **facts)


def new_email() -> str:
    return f"issued{next(_numbers)}@example.org"


def verified(email: str, **claims: Any) -> dict[str, Any]:
    """An issuer's claims about an address that it vouches for."""
    return {"email": email, "email_verified": True, "name": "Some One", **claims}


@pytest_asyncio.fixture(scope="session")
async def world(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    clock, data, transport = MovingClock(), tmp_path_factory.mktemp("data"), InMemoryTransport()
    secrets = data / "secrets"
    terms = OidcTerms(allow_private=("127.0.0.0/8",), allow_http=True)
    async with (
        in_memory_http(transport) as http,
        running_provider(lambda: clock().timestamp()) as provider,
        open_accounts(
            database=database,
            secrets=secrets,
            clock=clock,
            hasher=QUICK_HASHER,
            public_url=PUBLIC_URL,
            oidc_terms=terms,
        ) as component,
    ):
        authenticator = local_authenticator(
            database=database, secrets=secrets, clock=clock, monotonic=lambda: clock().timestamp()
        )
        app = create_app(title="Accounts", components=[component], authenticator=authenticator, clock=clock)
        transport.connect(app)
        service = ServiceHttp(http, ServiceToken(http, "portal", service_secret(secrets, "portal"), clock))
        [sweep] = [job.run for job in component.jobs if job.name == "accounts.delete_ended_oidc"]
        yield World(http, AccountsClient(service), IssuersClient(service), database, clock, provider, sweep, app, data)
