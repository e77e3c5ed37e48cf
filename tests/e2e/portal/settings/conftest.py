"""The real portal over real accounts, on a real database, at a name that browsers make passkeys for.

Other components are not there: the pages under /settings need none. The clock is moved by tests.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from tests.clock import MovingClock
from tests.e2e.portal.serving import served
from tests.integration.accounts.conftest import PASSWORD, QUICK_HASHER
from tests.integration.conftest import data_dir, database, postgres, postgres_url

from fogbank.accounts.client import AccountsClient, MemberView, ServiceToken, UserView
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.accounts.ledger.client import LedgerClient
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

__all__ = ["PASSWORD", "data_dir", "database", "postgres", "postgres_url"]

_numbers = count(1)
UNTIL_REFUSED = timedelta(seconds=3)
"""How long a process may go on by what it knew before something was revoked."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and a session that a browser is given."""

    id: str
    name: str
    email: str
    session: str


@dataclass
class House:
    """What tests hold in their hands."""

    url: str
    accounts: AccountsClient
    database: Database
    clock: MovingClock
    browser: Browser
    wrong: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """What browsers may complain of in their console."""

    async def person(self, name: str = "Mira Lindqvist") -> Person:
        """Somebody new, who has just signed in."""
        email = f"mira{next(_numbers)}@example.org"
        body = {"email": email, "name": name, "password": PASSWORD}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        session = await self.accounts.sign_in(email, PASSWORD, "192.0.2.1")
        return Person(user.id, name, email, session.session_token)

    async def as_(self, person: Person) -> ServiceHttp:
        """Accounts, as that person."""
        token = await self.accounts.token_for_session(person.session)
        return self.accounts.service.as_caller(token.access_token)

    async def organization(self, person: Person, role: str, name: str = "Acme Robotics") -> str:
        """An organisation in which they have that role; somebody else owns it, too."""
        founder = await self.person("Olu Founder")
        made = await (await self.as_(founder)).post("/api/v1/organizations", {"name": name}, as_=dict[str, Any])
        path = f"/api/v1/organizations/{made['id']}/members/{person.id}"
        await self.accounts.service.put(path, {"role": role}, as_=MemberView)
        return str(made["id"])

    async def with_app(self, person: Person) -> str:
        """Give them an app; its seed. Its next code is good in 30 s, which pass at once."""
        factors = FactorsClient(await self.as_(person))
        seed = await factors.begin_totp()
        await factors.confirm_totp(self.code(seed.secret))
        self.clock.forward(timedelta(seconds=30))
        return seed.secret

    def code(self, seed: str) -> str:
        """The code that an app with this seed shows now."""
        return pyotp.TOTP(seed).at(self.clock())

    async def execute(self, statement: str, *values: object) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(statement, list(values))


Open = Callable[..., Awaitable[Page]]


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
                components=[accounts, portal],
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
async def house(services: Any, database: Database, browser: Browser) -> AsyncIterator[House]:
    url, accounts, clock = services
    house = House(url, accounts, database, clock, browser)
    yield house
    assert [text for text in house.wrong if not any(part in text for part in house.expected)] == []


@pytest_asyncio.fixture
async def open_page(house: House) -> AsyncIterator[Open]:
    """Opens a page as somebody, at a width and in a theme; at the end nothing may have gone wrong in the browser."""
    contexts: list[BrowserContext] = []

    async def opened(
        person: Person, path: str, *, width: int = 1280, theme: str = "light", has_scripts: bool = True, url: str = ""
    ) -> Page:
        context = await house.browser.new_context(
            base_url=url or house.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            timezone_id="UTC",
            locale="en-GB",
            java_script_enabled=has_scripts,
        )
        contexts.append(context)
        await context.add_cookies([{"name": "fogbank", "value": person.session, "url": url or house.url}])
        page = await context.new_page()
        page.on("console", lambda said: house.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: house.wrong.append(str(error)))
        await page.goto(path)
        return page

    yield opened
    for context in contexts:
        await context.close()


@asynccontextmanager
async def authenticator(page: Page) -> AsyncIterator[None]:
    """A device of the browser's own making (WebDriver's virtual authenticator) that always says yes."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    await session.detach()
