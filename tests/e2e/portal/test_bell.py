"""The bell: it counts, follows what happens, shows the newest, and is silenced."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect
from tests.e2e.portal.stand_in.notices import notice
from tests.e2e.portal.world import USER, World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_it_counts_what_is_unread_and_shows_nothing_at_none(open_page: Open, world: World) -> None:
    page = await open_page()
    await expect(page.locator("#bell .count")).to_be_hidden()
    await expect(page.locator("#bell summary")).to_have_attribute("aria-label", "No unread notices")
    for number in range(101):
        notice(world, f"Alert {number}")
    page = await open_page("/alerts")
    await expect(page.locator("#bell .count")).to_have_text("99+")


@pytest.mark.parametrize("path", ["/usage", "/alerts", "/notifications/preferences"])
async def test_it_rings_without_a_reload_on_every_page(path: str, open_page: Open, world: World) -> None:
    page = await open_page(path)
    await expect(page.locator("#bell .count")).to_be_hidden()
    notice(world, "Storage is above its limit")
    await expect(page.locator("#bell .count")).to_have_text("1")
    await expect(page.locator("#bell summary")).to_have_attribute("aria-label", "1 unread notice")
    await expect(page.locator("#said")).to_have_text("1 unread notice")


async def test_opening_shows_the_newest_and_reads_none(open_page: Open, world: World) -> None:
    notice(world, "The older one", read_at=world.now)
    notice(world, "The newer one")
    page = await open_page()
    await page.locator("#bell summary").click()
    lines = page.locator("#bell .notice")
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_contain_text("The newer one")
    await expect(lines.first.locator(".dot")).to_be_visible()
    await expect(lines.first).to_contain_text("just now · Acme Robotics")
    await expect(lines.last.locator(".dot")).to_have_count(0)
    await expect(page.locator("#bell .count")).to_have_text("1")
    notice(world, "Meanwhile")
    await expect(lines.first).to_contain_text("Meanwhile")


async def test_what_the_panel_knew_once_is_forgotten(open_page: Open, world: World) -> None:
    notice(world, "The first")
    page = await open_page()
    await page.locator("#bell summary").click()
    await expect(page.locator("#bell .notice")).to_have_count(1)
    await page.keyboard.press("Escape")
    notice(world, "The second")
    await expect(page.locator("#bell .count")).to_have_text("2")
    async with page.expect_response("**/usage/parts/figures*"):
        world.now = world.now.replace(hour=16)
    await expect(page.locator("#bell .count")).to_have_text("2")


async def test_all_are_marked_as_read_at_once(open_page: Open, world: World) -> None:
    for title in ("One", "Two", "Three"):
        notice(world, title)
    page = await open_page()
    await page.locator("#bell summary").click()
    await page.locator("#bell").get_by_role("button", name="Mark all as read").click()
    await expect(page.locator("#bell .count")).to_be_hidden()
    await expect(page.locator("#bell .dot")).to_have_count(0)
    await expect(page.locator("#bell summary")).to_be_focused()
    assert all(each["read_at"] for each in world.notices)


async def test_a_notice_leads_to_what_it_is_about_and_is_read_by_that(
    open_page: Open, portal: str, world: World
) -> None:
    notice(world, "The other one")
    notice(world, "The credit of Mira is running low", event_type="balance_low", account_id=USER)
    page = await open_page("/alerts")
    await page.locator("#bell summary").click()
    await page.get_by_role("button", name="The credit of Mira").click()
    await expect(page).to_have_url(f"{portal}/usage?account={USER}")
    await expect(page.locator("#bell .count")).to_have_text("1")


async def test_by_keyboard(open_page: Open, world: World) -> None:
    notice(world, "Storage is above its limit")
    page = await open_page("/notifications/preferences")
    await page.locator("#bell summary").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#bell .notice")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.locator("#bell").get_by_role("button", name="Mark all as read")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#bell .notice")).to_be_hidden()
    await expect(page.locator("#bell summary")).to_be_focused()


async def test_notifications_that_are_away_cost_only_the_bell(open_page: Open, world: World) -> None:
    notice(world, "Storage is above its limit")
    world.broken = {"notifications"}
    page = await open_page()
    await expect(page.locator("#balance .value")).to_have_text("€1,204.60")
    await expect(page.locator("#bell .count")).to_be_hidden()
    await page.locator("#bell summary").click()
    await expect(page.locator("#bell")).to_contain_text("Notifications does not answer at the moment.")
    world.broken = set()
    await expect(page.locator("#bell .count")).to_have_text("1")
    await expect(page.locator("#bell .notice")).to_have_count(1)
