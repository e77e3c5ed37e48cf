"""Somebody's house: what the pages under /settings are tested on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest_asyncio
from playwright.async_api import Browser, Page
from tests.e2e.portal.house import House, open_page, watched
from tests.e2e.portal.services import Services

from fogbank.runtime.database import Database

__all__ = ["open_page"]


@pytest_asyncio.fixture
async def house(services: Services, database: Database, browser: Browser) -> AsyncIterator[House]:
    async with watched(House(services.url, services.accounts, database, services.clock, browser)) as house:
        yield house


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
