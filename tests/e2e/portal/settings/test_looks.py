"""Every page under /settings, full: no violation for axe, nothing to scroll sideways, light."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from tests.e2e.portal.house import House, Open
from tests.e2e.portal.looking import looks_well
from tests.e2e.portal.settings.furnishing import Full, furnished

pytestmark = pytest.mark.browser

BYTES_MAX = 60 * 1024


def pages_of(full: Full) -> list[str]:
    return [
        "/settings",
        f"/settings/leave/{full.org_id}",
        "/settings/close",
        "/settings/security",
        "/settings/security/codes",
        "/settings/security/passkeys/new",
        "/settings/keys",
        "/settings/keys/new",
        f"/settings/keys/{full.key_id}",
        f"/settings/keys/{full.key_id}/revoke",
        f"/settings/machines?account={full.org_id}",
        f"/settings/machines?account={full.person.id}",
        f"/settings/machines/new?account={full.org_id}",
        f"/settings/machines/{full.machine_id}",
        f"/settings/machines/{full.machine_id}/change",
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)])
async def test_every_page_is_open_to_everybody(theme: str, width: int, house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    full = await furnished(house)
    page = await open_page(full.person, "/settings", theme=theme, width=width)
    for path in pages_of(full):
        await page.goto(path)
        await opened_looks_well(page, path)
    await page.goto("/settings/security")
    await page.get_by_role("button", name="Set up another").click()
    await expect(page.locator("#secret")).to_be_visible()
    await opened_looks_well(page, "app")
    await page.goto("/settings/security/codes")
    await page.get_by_role("button", name="Make new codes").click()
    await expect(page.locator("#codes")).to_be_visible()
    await opened_looks_well(page, "codes")
    await page.goto(f"/settings/machines/{full.machine_id}")
    await page.get_by_role("button", name="Make a new secret").click()
    await expect(page.locator("#secret")).to_be_visible()
    await opened_looks_well(page, "secret")
    house.clock.forward(timedelta(minutes=11))
    await page.goto("/confirm?next=/settings")
    await opened_looks_well(page, "confirm")


async def opened_looks_well(page: Page, name: str) -> None:
    """With everything opened that can be."""
    for summary in await page.locator("main summary").all():
        await summary.click()
    await looks_well(page, name)
    assert len(await page.content()) < BYTES_MAX
