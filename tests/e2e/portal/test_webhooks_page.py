"""Webhooks: made with a secret that is shown once, looked after, and ended."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from tests.e2e.portal.stand_in.webhooks import SECRET, delivery, webhook
from tests.e2e.portal.world import World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]
URL = f"https://hooks.example.com/{'X' * 60}"


async def test_a_webhook_is_made_and_its_secret_shown_this_once(open_page: Open, world: World) -> None:
    page = await open_page("/webhooks")
    await page.get_by_role("link", name="New webhook").click()
    await page.get_by_label("URL").fill(URL)
    await page.get_by_label("The balance runs low").uncheck()
    await page.get_by_label("Name (optional)").fill("Pager")
    await page.get_by_role("button", name="Make webhook").click()
    await expect(page.locator("#secret")).to_have_text(SECRET)
    (made,) = world.webhooks.values()
    assert "balance_low" not in made["event_types"]
    assert "metrics" not in made["event_types"]
    await page.get_by_role("link", name="I have it").click()
    await expect(page.get_by_role("heading", name="Pager")).to_be_visible()
    assert SECRET not in await page.content()


async def test_a_form_that_is_sent_twice_makes_one_webhook(portal: str, world: World) -> None:
    form = {"key": "form_1", "url": URL, "event.metrics": "on"}
    async with httpx.AsyncClient(base_url=portal, cookies={"fogbank": "session-1"}) as client:
        for _ in range(2):
            answer = await client.post("/webhooks/new", data=form, headers={"sec-fetch-site": "same-origin"})
            assert SECRET in answer.text
            assert answer.headers["cache-control"] == "no-store"
    assert len(world.webhooks) == 1


async def test_a_refusal_stands_at_its_field(open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"  # Chromium reports the 422 itself
    page = await open_page("/webhooks/new")
    await page.get_by_label("URL").fill("http://hooks.example.com")
    await page.get_by_label("Current usage").check()
    await page.get_by_role("button", name="Make webhook").click()
    await expect(page.locator("#url-fault")).to_have_text("Must begin with https://.")
    await expect(page.get_by_label("Current usage")).to_be_checked()
    assert world.webhooks == {}


async def test_it_is_tested_disabled_enabled_and_deleted(open_page: Open, world: World) -> None:
    webhook(world, "w", URL)
    page = await open_page("/webhooks")
    await page.get_by_role("link", name=URL).click()
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.locator(".log summary")).to_contain_text("pending")
    world.deliveries[-1]["state"] = "delivered"
    await expect(page.locator(".log summary")).to_contain_text("delivered")  # by itself
    await page.get_by_role("button", name="Disable").click()
    await expect(page.get_by_role("status").filter(has_text="The webhook is disabled.")).to_be_visible()
    await expect(page.get_by_role("button", name="Send a test")).to_have_count(0)
    await page.get_by_role("button", name="Enable").click()
    await expect(page.get_by_role("button", name="Disable")).to_be_visible()
    await page.get_by_role("link", name="New secret").click()
    await page.get_by_role("button", name="Make a new secret").click()
    await expect(page.locator("#secret")).to_contain_text("whsec_")
    await page.get_by_role("link", name="I have it").click()
    await page.get_by_role("link", name="Delete").click()
    await page.get_by_role("button", name="Delete webhook").click()
    await expect(page.get_by_text("The webhook is deleted")).to_be_visible()
    assert world.webhooks == {}


async def test_the_log_tells_every_attempt_and_sends_again(open_page: Open, world: World) -> None:
    webhook(world, "w", URL)
    delivery(world, "metrics", status=200, state="delivered")
    for _ in range(20):
        delivery(world, "balance_low", status=503, state="failed")
    page = await open_page("/webhooks/w")
    first = page.locator(".log li").first
    await first.locator("summary").click()
    await expect(first).to_contain_text("503 · 34 ms")
    await expect(first.get_by_label("Answer")).to_have_text("<b>thanks</b>")
    await first.get_by_role("button", name="Send again").click()
    await expect(page.get_by_text("It is on its way again.")).to_be_visible()
    assert world.deliveries[-1]["state"] == "pending"
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator(".log details")).to_have_count(1)
    await page.locator(".log summary").click()
    await expect(page.get_by_role("button", name="Send again")).to_have_count(0)


async def test_whoever_does_not_manage_them_sees_none(open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"
    webhook(world, "w", URL)
    world.role = "billing"
    page = await open_page("/webhooks")
    await expect(page.get_by_role("main")).to_contain_text("These are not yours to see")
    await page.goto("/webhooks/new")
    await expect(page.get_by_text("managed by its owners and admins")).to_be_visible()
    for path in ("/webhooks/w", "/webhooks/w/delete", "/webhooks/none", "/webhooks/w/enabled"):
        await page.goto(path)
        await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    theme: str, width: int, open_page: Open, world: World
) -> None:
    webhook(world, "w", URL, description="Pager")
    webhook(world, "gone", URL, is_enabled=False, disabled_because="gone")
    delivery(world, "balance_low", status=503, state="failed")
    page = await open_page("/webhooks", theme=theme, width=width)
    for path in ("/webhooks", "/webhooks?account=user_mira", "/webhooks/new", "/webhooks/w", "/webhooks/w/delete"):
        await page.goto(path)
        for summary in await page.locator(".log summary").all():
            await summary.click()
        found = (await Axe().run(page)).response["violations"]
        assert (path, [each["id"] for each in found]) == (path, [])
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
