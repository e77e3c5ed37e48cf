"""The profile: one's name, address and organisations, and closing one's account."""

import pytest
from playwright.async_api import expect
from tests.e2e.portal.settings.conftest import PASSWORD, House, Open

pytestmark = pytest.mark.browser


async def test_a_name_is_saved_and_shown_at_once(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/settings")
    await page.locator("[name=name]").fill("Mira L. Öberg")
    await page.get_by_role("button", name="Save name").click()
    await expect(page.get_by_role("status").filter(has_text="Your name is saved.")).to_be_visible()
    await expect(page.get_by_role("complementary")).to_contain_text("Mira L. Öberg")
