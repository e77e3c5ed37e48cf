"""The world of accounts: the real app on the real database, spoken to in memory, with a clock that tests move."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock

from fogbank.accounts.client import AccountsClient, ServiceToken, SetupView, UserView
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.secret_files import service_secret

PASSWORD = "correct horse battery"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """A user of the tests, signed in."""

    id: str
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class World:
    """What tests hold in their hands."""

    app: FastAPI
    http: httpx.AsyncClient
    accounts: AccountsClient
    clock: MovingClock
    secrets: Path
    database: Database
    run_job: Callable[[], Awaitable[None]]

    async def person(self, *, is_administrator: bool = False) -> Person:
        """A new user, signed in."""
        email = f"person{next(_numbers)}@example.org"
        body = {"email": email, "name": "Somebody", "password": PASSWORD}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        if is_administrator:
            headers = {"authorization": f"Bearer {await self.service_token()}"}
            answer = await self.http.patch(f"/api/v1/users/{user.id}", json={"is_administrator": True}, headers=headers)
            assert answer.status_code == 200
        session = await self.accounts.sign_in(email, PASSWORD, "192.0.2.1")
        token = await self.accounts.token_for_session(session.session_token)
        return Person(user.id, email, token.access_token)

    async def again(self, person: Person) -> Person:
        """The same person with a fresh token, which knows their organisations as they are now."""
        session = await self.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
        token = await self.accounts.token_for_session(session.session_token)
        return Person(person.id, person.email, token.access_token)

    async def organization(self, owner: Person) -> str:
        """A new organisation of `owner`, who needs a fresh token to see it."""
        answer = await self.http.post("/api/v1/organizations", json={"name": "Some Org"}, headers=owner.headers)
        assert answer.status_code == 201
        return str(answer.json()["id"])

    async def service_token(self) -> str:
        assert self.accounts.service.token is not None
        return await self.accounts.service.token()

    async def setup(self, instance_id: str, email: str) -> SetupView:
        return await self.accounts.setup(
            email=email, organization_name="Home", instance_id=instance_id, instance_name="this host"
        )


@pytest_asyncio.fixture(scope="session")
async def world(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    clock = MovingClock()
    secrets = tmp_path_factory.mktemp("secrets")
    transport = InMemoryTransport()
    async with (
        in_memory_http(transport) as http,
        open_accounts(database=database, secrets=secrets, clock=clock, hasher=QUICK_HASHER) as component,
    ):
        authenticator = local_authenticator(
            database=database, secrets=secrets, clock=clock, monotonic=lambda: clock().timestamp()
        )
        app = create_app(title="Accounts", components=[component], authenticator=authenticator, clock=clock)
        transport.connect(app)
        token = ServiceToken(http, "portal", service_secret(secrets, "portal"), clock)
        accounts = AccountsClient(ServiceHttp(http, token))
        yield World(app, http, accounts, clock, secrets, database, component.jobs[0].run)
