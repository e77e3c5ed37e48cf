"""What tests hold in their hands of the real portal over real accounts: people, and browsers that they sit at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import pyotp
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from tests.clock import MovingClock
from tests.integration.accounts.conftest import PASSWORD

from fogbank.accounts.client import AccountsClient, MemberView, UserView
from fogbank.accounts.client.factors import FactorsClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database

Open = Callable[..., Awaitable[Page]]

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


AnyHouse = TypeVar("AnyHouse", bound=House)


@asynccontextmanager
async def watched(house: AnyHouse) -> AsyncIterator[AnyHouse]:
    """At the end browsers have complained of nothing but what was expected."""
    yield house
    assert [text for text in house.wrong if not any(part in text for part in house.expected)] == []


@pytest_asyncio.fixture
async def open_page(house: House) -> AsyncIterator[Open]:
    """Opens a page as somebody, at a width and in a theme."""
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
