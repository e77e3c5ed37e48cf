"""Credit while the ledger is away or slow: said in its place, and there again by itself."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect
from tests.e2e.portal.world import World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_a_ledger_that_is_away_is_said_and_can_be_asked_again(open_page: Open, world: World) -> None:
    world.broken = {"ledger"}
    page = await open_page("/credit")
    await expect(page.locator("#balance")).to_contain_text("The ledger does not answer at the moment.")
    world.broken = set()
    await page.get_by_role("link", name="Try again").click()
    await expect(page.locator("#available")).to_contain_text("€1,204.60")


async def test_a_slow_ledger_comes_by_itself(open_page: Open, world: World) -> None:
    world.held["ledger"] = asyncio.Event()
    page = await open_page("/credit")
    await expect(page.locator("#balance .waiting")).to_be_visible()
    world.held.pop("ledger").set()
    await expect(page.locator("#available")).to_contain_text("€1,204.60")
