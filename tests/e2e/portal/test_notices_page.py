"""All notices, and how one wants to be told."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.e2e.portal.stand_in.notices import notice
from tests.e2e.portal.world import World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_notices_are_filtered_paged_and_marked(open_page: Open, world: World) -> None:
    for number in range(30):
        notice(world, f"Alert {number}", read_at=None if number % 2 else world.now)
    page = await open_page("/notifications")
    await expect(page.locator("#notices .notice")).to_have_count(25)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("#notices .notice")).to_have_count(5)
    await expect(page.locator("#notices .notice").last).to_contain_text("Alert 0")
    await page.get_by_role("link", name="Unread").click()
    await expect(page.locator("#notices .notice")).to_have_count(15)
    await page.get_by_role("button", name="Mark as read: Alert 29").click()
    await expect(page.locator("#notices .notice")).to_have_count(14)
    await page.get_by_role("main").get_by_role("button", name="Mark all as read").click()
    await expect(page.get_by_text("All of these are marked as read.")).to_be_visible()
    await expect(page.get_by_text("You have read everything")).to_be_visible()
    notice(world, "Something new")
    await expect(page.locator("#notices .notice")).to_have_count(1)
    await expect(page.locator("#notices").get_by_role("button", name="Mark all as read")).to_be_visible()


async def test_a_notice_says_what_became_of_its_email(open_page: Open, world: World) -> None:
    notice(world, "A", email={"state": "failed", "detail": "550 No such user", "at": world.now})
    page = await open_page("/notifications")
    await expect(page.locator("#notices .notice")).to_contain_text("E-mail failed: 550 No such user")


async def test_without_notices_the_page_says_what_there_will_be(open_page: Open, portal: str) -> None:
    page = await open_page("/notifications")
    await page.get_by_role("link", name="See your alerts").click()
    await expect(page).to_have_url(f"{portal}/alerts")


async def test_preferences_survive_a_reload(open_page: Open, world: World) -> None:
    page = await open_page("/notifications/preferences")
    await page.get_by_label("Alerts by E-mail").uncheck()
    await page.get_by_label("Keep quiet").check()
    await page.get_by_label("From").fill("21:30")
    await page.get_by_label("To", exact=True).fill("06:00")
    await page.get_by_label("Time zone").fill("Europe/Vienna")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Alerts by E-mail")).not_to_be_checked()
    await expect(page.get_by_label("Alerts by Portal")).to_be_checked()
    await expect(page.get_by_label("From")).to_have_value("21:30")
    await expect(page.get_by_label("Time zone")).to_have_value("Europe/Vienna")
    assert world.preferences["channels"] == {
        "balance": ["email", "portal"],
        "thresholds": ["portal"],
        "account": ["email", "portal"],
    }
    await page.get_by_label("Keep quiet").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("From")).to_be_hidden()
    assert world.preferences["quiet_hours"] is None


async def test_a_refusal_stands_at_its_field_and_nothing_is_lost(open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"  # Chromium reports the 422 itself
    page = await open_page("/notifications/preferences")
    await page.get_by_label("Account by Portal").uncheck()
    await page.get_by_label("Keep quiet").check()
    await page.get_by_label("Time zone").fill("Mars/Olympus")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#timezone-fault")).to_have_text("Is not a time zone.")
    await expect(page.get_by_label("Time zone")).to_have_value("Mars/Olympus")
    await expect(page.get_by_label("Account by Portal")).not_to_be_checked()
    world.broken = {"notifications"}
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("so nothing was saved")


async def test_preferences_are_set_without_scripts(browser: Browser, portal: str, world: World) -> None:
    context = await browser.new_context(java_script_enabled=False, base_url=portal)
    await context.add_cookies([{"name": "fogbank", "value": "session-1", "url": portal}])
    page = await context.new_page()
    await page.goto("/notifications/preferences")
    await page.get_by_label("Balance by E-mail").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    assert world.preferences["channels"]["balance"] == ["portal"]
    await context.close()


async def test_another_site_can_change_nothing(portal: str, world: World) -> None:
    before = dict(world.preferences)
    async with httpx.AsyncClient(base_url=portal, cookies={"fogbank": "session-1"}) as other:
        for path in ("/notifications/preferences", "/notifications/read", "/alerts/new", "/alerts/t/delete"):
            answer = await other.post(path, headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403
    assert world.preferences == before


async def test_somebody_elses_notice_is_404(portal: str) -> None:
    async with httpx.AsyncClient(base_url=portal, cookies={"fogbank": "session-1"}) as client:
        for path in ("/notifications/read", "/notifications/open"):
            answer = await client.post(path, data={"id": "theirs"}, headers={"sec-fetch-site": "same-origin"})
            assert answer.status_code == 404


async def test_links_in_emails_lead_through_the_door_to_their_pages(open_page: Open, portal: str) -> None:
    for path in ("/notifications", "/notifications/preferences"):
        page = await open_page(path, signed_in=False)
        await page.get_by_label("E-mail").fill("mira@acme.example")
        await page.get_by_label("Password").fill("correct horse")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page).to_have_url(portal + path)
