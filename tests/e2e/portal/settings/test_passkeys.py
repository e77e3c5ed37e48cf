"""Passkeys: made in this browser by its own device, named, shown to confirm, and removed."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open
from tests.e2e.portal.settings.conftest import authenticator
from tests.e2e.portal.settings.furnishing import with_passkey

pytestmark = pytest.mark.browser


async def test_a_passkey_is_made_named_shown_and_removed(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    page = await open_page(person, "/settings/security")
    async with authenticator(page):
        await page.get_by_role("link", name="Add a passkey").click()
        await expect(page.get_by_label("What to call it")).to_have_value("Chrome on Linux")
        await page.get_by_role("button", name="Add passkey").click()
        await expect(page.locator("#codes li")).to_have_count(10)
        await page.get_by_role("link", name="I have them").click()
        await page.get_by_role("link", name="Rename Chrome on Linux").click()
        await page.get_by_role("textbox", name="Name").fill("Blue laptop")
        await page.get_by_role("button", name="Save name").click()
        await expect(page.locator("#factors")).to_contain_text("Blue laptop")

        house.clock.forward(timedelta(minutes=11))
        await page.get_by_role("link", name="Remove Blue laptop").click()
        await page.get_by_role("button", name="Remove passkey").click()
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page.get_by_text("The passkey is removed.")).to_be_visible()
        await expect(page.locator("#factors")).not_to_contain_text("Blue laptop")


async def test_a_proof_is_asked_for_before_a_passkey_is_named(house: House, open_page: Open) -> None:
    person = await house.person()
    house.clock.forward(timedelta(minutes=11))
    page = await open_page(person, "/settings/security/passkeys/new")
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("button", name="Add passkey")).to_be_visible()


async def test_one_that_seems_copied_is_shown_as_such(house: House, open_page: Open) -> None:
    person = await house.person()
    await with_passkey(house, person)
    await house.execute("UPDATE accounts.passkeys SET regressed_at = created_at WHERE user_id = %s", person.id)
    page = await open_page(person, "/settings/security")
    await expect(page.locator("#factors")).to_contain_text("copied?")


async def test_where_browsers_make_none_the_page_says_what_to_do(house: House, open_page: Open) -> None:
    person = await house.person()
    by_address = house.url.replace("localhost", "127.0.0.1")
    page = await open_page(person, "/settings/security", url=by_address)
    await expect(page.locator("#factors")).to_contain_text(f"Passkeys are made for {house.url}.")
    await expect(page.get_by_role("link", name="Add a passkey")).to_have_count(0)
    house.clock.forward(timedelta(minutes=11))  # no proof is asked for what cannot be done here
    await page.goto("/settings/security/passkeys/new")
    await expect(page.get_by_role("main")).to_contain_text(f"Passkeys are made for {house.url}.")
    await page.get_by_role("link", name="Add one there").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith(f"{house.url}/sign-in?next=")


async def test_without_scripts_the_page_says_what_it_takes(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/settings/security/passkeys/new", has_scripts=False)
    await expect(page.get_by_text("This browser makes no passkeys here.")).to_be_visible()
    await expect(page.get_by_role("button", name="Add passkey")).to_have_count(0)
