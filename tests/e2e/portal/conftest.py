"""A portal in a real browser: the real pages over a stand-in for the other components, which answers their views.

Where it is about accounts, in the folders below, they stand over real accounts and a real ledger instead: one for all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from tests.e2e.portal.services import Services, running_services
from tests.e2e.portal.serving import running_portal
from tests.e2e.portal.world import World
from tests.integration.conftest import data_dir, database, postgres, postgres_url

from fogbank.runtime.database import Database

__all__ = ["data_dir", "database", "postgres", "postgres_url"]

expect.set_options(timeout=20_000)  # a busy machine is not a broken page


@pytest.fixture
def world() -> World:
    return World()


@pytest_asyncio.fixture
async def running(world: World) -> AsyncIterator[tuple[str, asyncio.Event]]:
    async with running_portal(world) as running:
        yield running


@pytest.fixture
def portal(running: tuple[str, asyncio.Event]) -> str:
    """The portal's URL."""
    return running[0]


@pytest.fixture
def stop_portal(running: tuple[str, asyncio.Event]) -> Callable[[], None]:
    """Tells the portal's process to stop, as a signal does."""
    return running[1].set


Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture
async def open_page(browser: Browser, portal: str, world: World) -> AsyncIterator[Open]:
    """Opens a page, signed in, at a width and in a theme; at the end nothing may have gone wrong in the browser."""
    wrong: list[str] = []
    contexts = []

    async def opened(path: str = "/usage", *, width: int = 1440, theme: str = "light", signed_in: bool = True) -> Page:
        context = await browser.new_context(
            base_url=portal,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            timezone_id="UTC",
            locale="en-GB",
        )
        contexts.append(context)
        cookie = {"name": "fogbank", "value": "session-1", "url": portal}
        await context.add_cookies([cookie] if signed_in else [])  # type: ignore[list-item]
        page = await context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(path)
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert [text for text in wrong if world.expected_in_console not in text] == []


@pytest_asyncio.fixture(scope="session")
async def services(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    async with running_services(database, tmp_path_factory.mktemp("secrets")) as services:
        yield services
