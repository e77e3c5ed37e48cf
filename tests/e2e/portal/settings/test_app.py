"""An app for one-time codes, and the recovery codes that come with the first factor."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open

pytestmark = pytest.mark.browser


async def test_an_app_is_set_up_by_its_first_right_code(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    page = await open_page(person, "/settings/security")
    await expect(page.locator("#factors")).to_contain_text("off")
    await page.get_by_role("button", name="Set up an app").click()
    await expect(page.get_by_alt_text("QR code for your app")).to_be_visible()
    seed = (await page.locator("#secret").inner_text()).replace(" ", "")
    assert seed in (await page.get_by_role("link", name="open the app").get_attribute("href") or "")
    await page.get_by_label("Code that the app shows now").fill("000000" if house.code(seed) != "000000" else "111111")
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.locator("#code-fault")).to_be_visible()
    assert (await page.locator("#secret").inner_text()).replace(" ", "") == seed
    await page.get_by_label("Code that the app shows now").fill(house.code(seed))
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.locator("#codes li")).to_have_count(10)
    await page.get_by_role("link", name="I have them").click()
    await expect(page.locator("#factors")).to_contain_text("10 left")
    await expect(page.locator("#factors")).to_contain_text("on")


async def test_recovery_codes_are_shown_once_copied_and_made_anew(house: House, open_page: Open) -> None:
    person = await house.person()
    await house.with_app(person)
    page = await open_page(person, "/settings/security")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("link", name="Make new ones").click()
    await page.get_by_role("button", name="Make new codes").click()
    await expect(page.locator("#codes code")).to_have_count(10)
    codes = await page.locator("#codes code").all_inner_texts()
    assert len(set(codes)) == 10
    await page.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)
    await expect(page.get_by_role("button", name="Print")).to_be_visible()
    await page.get_by_role("link", name="I have them").click()
    await expect(page.locator("#factors")).to_contain_text("10 left")
    assert codes[0] not in await page.content()


async def test_an_app_is_removed_by_who_proves_to_be_there(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    seed = await house.with_app(person)
    house.clock.forward(timedelta(minutes=11))
    page = await open_page(person, "/settings/security")
    await page.get_by_role("link", name="Remove the app").click()
    await expect(page.get_by_text("It is your only second factor")).to_be_visible()
    await page.get_by_role("button", name="Remove the app").click()
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await page.get_by_text("Use a code from your app").click()
    await page.get_by_label("Code from your app").fill(house.code(seed))
    await page.locator("details[open]").get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("The app is removed.")).to_be_visible()
    await expect(page.locator("#factors")).to_contain_text("off")
