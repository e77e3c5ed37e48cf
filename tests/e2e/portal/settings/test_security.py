"""Security: one's password, and where one is signed in."""

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open
from tests.e2e.portal.settings.furnishing import FIREFOX, IPHONE
from tests.integration.accounts.conftest import PASSWORD

from fogbank.accounts.client.signing_in import Browser, SignInClient

pytestmark = pytest.mark.browser

NEW = "seven plum trees under rain"


async def test_a_new_password_takes_the_old_one_and_ends_other_sessions(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    await SignInClient(house.accounts.service).by_password(person.email, PASSWORD, Browser("198.51.100.7", FIREFOX))
    page = await open_page(person, "/settings/security")
    await expect(page.locator("#sessions")).to_contain_text("Firefox on Linux")

    async def change(current: str, new: str) -> None:
        await page.get_by_label("Current password").fill(current)
        await page.get_by_label("New password").fill(new)
        await page.get_by_role("button", name="Change password").click()

    await change("not this one", NEW)
    await expect(page.locator("#current_password-fault")).to_have_text("This is not your password.")
    await change(PASSWORD, "abcdefghij")
    await expect(page.locator("#new_password-fault")).to_be_visible()
    await change(PASSWORD, NEW)
    await expect(page.get_by_text("Your new password counts.")).to_be_visible()
    await expect(page.locator("#sessions")).to_contain_text("You are signed in nowhere else.")
    await house.accounts.sign_in(person.email, NEW, "192.0.2.1")


async def test_sessions_elsewhere_are_told_in_words_and_ended(house: House, open_page: Open) -> None:
    person, door = await house.person(), SignInClient(house.accounts.service)
    for agent, address in ((FIREFOX, "198.51.100.7"), (IPHONE, "2001:db8::7"), ("", "198.51.100.9")):
        await door.by_password(person.email, PASSWORD, Browser(address, agent))
    page = await open_page(person, "/settings/security")
    rows = page.locator("#sessions li")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text("this one")
    await expect(rows.first.get_by_role("link")).to_have_count(0)
    await page.get_by_role("link", name="End the session of Safari on iPhone").click()
    await expect(page.get_by_text("2001:db8::7")).to_be_visible()
    await page.get_by_role("button", name="End session").click()
    await expect(page.get_by_text("That session is ended.")).to_be_visible()
    await expect(rows).to_have_count(3)
    await page.get_by_role("link", name="End all others").click()
    await page.get_by_role("button", name="End all other sessions").click()
    await expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    await expect(rows).to_have_count(1)


async def test_nobody_elses_session_can_be_ended(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    other = await house.person()
    session = await SignInClient(house.accounts.service).by_password(other.email, PASSWORD, Browser("198.51.100.7"))
    page = await open_page(await house.person(), f"/settings/security/sessions/{session.session_id}/end")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_the_menu_at_ones_name_and_the_palette_lead_to_the_settings(house: House, open_page: Open) -> None:
    person = await house.person()
    page = await open_page(person, "/settings")
    await page.get_by_role("complementary").get_by_label("Mira Lindqvist").click()
    await page.get_by_role("complementary").get_by_role("link", name="Security").click()
    await expect(page).to_have_title("Security · Fogbank")
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Search or jump to").fill("service acc")
    await page.get_by_role("option", name="Service accounts").wait_for()
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Service accounts · Fogbank")
    phone = await open_page(person, "/settings", width=360)
    await phone.get_by_role("button", name="Open menu").click()
    await phone.get_by_role("dialog").get_by_label("Mira Lindqvist").click()
    await phone.get_by_role("dialog").get_by_role("link", name="Security").click()
    await expect(phone).to_have_title("Security · Fogbank")
