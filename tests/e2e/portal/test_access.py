"""Everybody can use it: by keyboard, on a phone, in both themes, with a screen reader."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
from tests.e2e.portal.stand_in.alerts import fires, threshold
from tests.e2e.portal.stand_in.notices import notice
from tests.e2e.portal.stand_in.webhooks import webhook
from tests.e2e.portal.world import World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]

PAGES = [
    "/alerts",
    "/alerts?account=user_mira",
    "/alerts?account=org_fjord",
    "/alerts/new?account=org_acme",
    "/alerts/new?account=org_acme&resource=memory",
    "/alerts/t_2",
    "/alerts/t_2/delete",
    "/notifications",
    "/notifications?show=unread",
    "/notifications/preferences",
]
WIDTHS = [1440, 820, 390, 360]


async def violations(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in results.response["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_axe_finds_nothing(theme: str, width: int, open_page: Open, world: Any) -> None:
    world.runway_seconds = 3 * 86_400
    page = await open_page(theme=theme, width=width)
    await expect(page.locator("#pulse")).to_contain_text("Live")
    assert await violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_at_the_door_in_the_first_minute_or_in_trouble(
    theme: str, open_page: Open, world: Any
) -> None:
    page = await open_page("/sign-in", signed_in=False, theme=theme)
    assert await violations(page) == []
    world.is_new = True
    page = await open_page(theme=theme)
    assert await violations(page) == []
    world.broken = {"billing", "compute"}
    page = await open_page(theme=theme)
    assert await violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_in_dialogs_and_panels(theme: str, open_page: Open) -> None:
    page = await open_page(theme=theme)
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("complementary").get_by_label("Account: Acme Robotics. Change").click()
    await page.get_by_text("View as table").click()
    assert await violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
async def test_axe_finds_nothing_on_pages_of_notices_and_alerts(
    theme: str, width: int, open_page: Open, eventful: World
) -> None:
    eventful.expected_in_console = "Failed to load resource"  # Chromium reports the 422 itself
    page = await open_page("/alerts", theme=theme, width=width)
    for path in PAGES:
        await page.goto(path)
        assert (path, await violations(page)) == (path, [])
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
    await page.goto("/alerts/new?account=org_acme&resource=memory")
    await page.get_by_label("Warn when it reaches").fill("0")
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.locator("#value-fault")).to_be_visible()
    assert await violations(page) == []
    await page.locator("#bell summary").click()
    await expect(page.locator("#bell .notice").first).to_be_visible()
    assert await violations(page) == []


@pytest.mark.usefixtures("eventful")
async def test_every_page_is_light(open_page: Open) -> None:
    page = await open_page("/alerts")
    for path in PAGES:
        await page.goto(path)
        sizes = await page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map((entry) => entry.encodedBodySize)"
        )
        assert sum(sizes) < 60 * 1024, path


@pytest.fixture
def eventful(world: World) -> World:
    """A world in which something happens: notices, alerts of all sorts, some of them firing."""
    notice(world, "The credit of Acme Robotics is running low", event_type="balance_low", read_at=world.now)
    notice(world, "Runway is well again", event_type="threshold_cleared")
    notice(world, "The credit of Acme Robotics is used up", is_urgent=True)
    threshold(world, "t")
    threshold(world, "t_2", resource_type="storage", threshold_value=500, units="GB", name="A full disk")
    fires(world, "t_2", "512.4", world.now, instance_id="i-vol-data-01")
    world.preferences["quiet_hours"] = {"from_time": "22:00", "to_time": "07:00", "timezone": "Europe/Vienna"}
    return world


@pytest.mark.parametrize(
    ("component", "path", "part"),
    [
        ("thresholds", "/alerts", "#alerts .alert"),
        ("thresholds", "/alerts", "#firing .alert"),
        ("notifications", "/notifications", "#notices .notice"),
        ("notifications", "/notifications/preferences", "#preferences table"),
        ("notifications", "/webhooks", "#webhooks .hook"),
    ],
)
async def test_a_slow_component_holds_up_its_part_only(
    component: str, path: str, part: str, open_page: Open, eventful: World
) -> None:
    eventful.held = {component: asyncio.Event()}
    webhook(eventful, "w", "https://hooks.example.com")
    page = await open_page(path)
    await expect(page.locator(".waiting").first).to_be_visible()
    await expect(page.locator(part)).to_have_count(0)
    eventful.held[component].set()
    await expect(page.locator(part).first).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_scrolls_sideways(width: int, open_page: Open, world: Any) -> None:
    world.runway_seconds = 3600
    page = await open_page(width=width)
    await expect(page.locator("#pulse")).to_contain_text("Live")
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0


async def test_the_menu_of_a_phone_holds_the_focus_until_it_closes(open_page: Open) -> None:
    page = await open_page(width=390)
    await page.get_by_role("button", name="Open menu").click()
    menu = page.get_by_role("dialog", name="Menu")
    await expect(menu).to_be_visible()
    stops = await menu.locator("a, button, summary").count()
    for key in ["Tab"] * (stops + 2) + ["Shift+Tab"] * (stops + 2):
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.closest('dialog#menu') !== null")
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(page.get_by_role("button", name="Open menu")).to_be_focused()


async def test_a_theme_is_chosen_kept_and_there_from_the_first_byte(open_page: Open) -> None:
    page = await open_page(theme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(paper)
    await page.get_by_label("Colour theme").first.click()
    await page.get_by_role("button", name="Dark").click()
    assert await page.evaluate(paper) != light
    answer = await page.reload()
    assert answer is not None
    assert 'data-theme="dark"' in await answer.text()
    assert await page.evaluate(paper) != light
    await page.get_by_label("Colour theme").first.click()
    await page.get_by_role("button", name="Like this device").click()
    assert await page.evaluate(paper) == light


async def test_the_first_tab_leads_to_the_content(open_page: Open) -> None:
    page = await open_page()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


async def test_the_page_is_light_and_asks_for_few_files(open_page: Open) -> None:
    page = await open_page("/sign-in", signed_in=False)
    files = await page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert len(files) <= 7


async def test_it_reads_without_scripts(browser: Browser, portal: str) -> None:
    context = await browser.new_context(java_script_enabled=False, base_url=portal)
    await context.add_cookies([{"name": "fogbank", "value": "session-1", "url": portal}])
    page = await context.new_page()
    await page.goto("/usage")
    await page.get_by_role("link", name="7d").click()
    await expect(page.locator("#chart .column")).to_have_count(28)
    await page.get_by_label("Filter instances").fill("api")
    await page.keyboard.press("Enter")
    await expect(page.locator(".instances tbody tr")).to_have_count(2)
    await context.close()
