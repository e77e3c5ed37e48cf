"""The real portal over real accounts and a real ledger, on a real database; other components are not there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.clock import MovingClock
from tests.e2e.portal.serving import served
from tests.e2e.portal.settings.conftest import House, Open, Person, open_page
from tests.integration.accounts.conftest import QUICK_HASHER
from tests.integration.conftest import data_dir, database, postgres, postgres_url

from fogbank.accounts.client import AccountsClient, MemberView, ServiceToken
from fogbank.accounts.client.projects import ProjectsClient
from fogbank.accounts.client.teams import TeamsClient
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.accounts.ledger.component import open_ledger
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.component import open_portal
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.ports import bound_socket
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret
from fogbank.usage.client import UsageClient

__all__ = ["Open", "Person", "data_dir", "database", "open_page", "postgres", "postgres_url"]

ACME = "Acme Robotics"


@dataclass
class Office(House):
    """The house, with a ledger in it and organisations that have people."""

    async def own(self, person: Person) -> ServiceHttp:
        """What speaks to accounts as this person."""
        token = await self.accounts.token_for_session(person.session)
        return self.accounts.service.as_caller(token.access_token)

    async def teams(self, person: Person) -> TeamsClient:
        return TeamsClient(await self.own(person))

    async def projects(self, person: Person) -> ProjectsClient:
        return ProjectsClient(await self.own(person))

    @property
    def ledger(self) -> LedgerClient:
        return LedgerClient(self.accounts.service)

    async def acme(self, *roles: str) -> tuple[str, list[Person]]:
        """An organisation: its owner, and one more person for each role."""
        owner = await self.person("Mira Lindqvist")
        org_id = (await (await self.teams(owner)).create(ACME, key=f"acme-{owner.id}")).id
        others = [await self._member(org_id, role) for role in roles]
        return org_id, [owner, *others]

    async def _member(self, org_id: str, role: str) -> Person:
        person = await self.person(f"{role.capitalize()} Person")
        path = f"/api/v1/organizations/{org_id}/members/{person.id}"
        await self.accounts.service.put(path, {"role": role}, as_=MemberView)
        return person

    async def instance(self, org_id: str, owner: Person, name: str) -> str:
        """An instance that the organisation pays for."""
        id_ = f"i-{name}-{org_id}"
        made = await self.accounts.create_instance(instance_id=id_, name=name, user_id=owner.id, org_id=org_id)
        return made.id

    async def stands(self, account_id: str, act: str) -> None:
        """`suspend`, `restore` or `close`, by the service that may."""
        path = f"/api/v1/accounts/{account_id}/{act}"
        await self.accounts.service.post(path, {}, as_=dict[str, Any], headers={"fogbank-reason": "a test"})


@pytest_asyncio.fixture(scope="session")
async def services(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    secrets, clock, transport = tmp_path_factory.mktemp("secrets"), MovingClock(), InMemoryTransport()
    listener = bound_socket("127.0.0.1", 0)
    url = f"http://localhost:{listener.getsockname()[1]}"
    async with in_memory_http(transport) as http:
        service = ServiceHttp(http, ServiceToken(http, "portal", service_secret(secrets, "portal"), clock))
        async with (
            open_accounts(
                database=database, secrets=secrets, clock=clock, hasher=QUICK_HASHER, public_url=url
            ) as accounts,
            open_ledger(database=database, clock=clock, currency="EUR") as ledger,
            open_portal(
                accounts=AccountsClient(service),
                ledger=LedgerClient(service),
                usage=UsageClient(service),
                billing=BillingClient(service),
                compute=ComputeClient(service),
                thresholds=ThresholdsClient(service),
                notifications=NotificationsClient(service),
                webhooks=WebhooksClient(service),
                clock=clock,
                currency="EUR",
            ) as portal,
        ):
            app = create_app(
                title="Portal",
                components=[accounts, ledger, portal],
                authenticator=local_authenticator(
                    database=database, secrets=secrets, clock=clock, monotonic=lambda: clock().timestamp()
                ),
                clock=clock,
                keeping=Keeping(database, SealingKeys.of(secrets, system_entropy), clock, system_entropy),
            )
            transport.connect(app)
            async with served(app, listener):
                yield url, AccountsClient(service), clock


@pytest_asyncio.fixture
async def house(services: Any, database: Database, browser: Browser) -> AsyncIterator[Office]:
    url, accounts, clock = services
    office = Office(url, accounts, database, clock, browser)
    yield office
    assert [text for text in office.wrong if not any(part in text for part in office.expected)] == []
