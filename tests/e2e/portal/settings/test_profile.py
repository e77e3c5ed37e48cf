"""The profile: one's name, address and organisations, and closing one's account."""

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open
from tests.integration.accounts.conftest import PASSWORD

pytestmark = pytest.mark.browser


async def test_a_name_is_saved_and_shown_at_once(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/settings")
    await page.get_by_role("textbox", name="Name").fill("Mira L. Öberg")
    await page.get_by_role("button", name="Save name").click()
    await expect(page.get_by_text("Your name is saved.")).to_be_visible()
    await expect(page.get_by_role("complementary")).to_contain_text("Mira L. Öberg")


async def test_another_address_takes_the_password_and_a_mail_server(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    page = await open_page(await house.person(), "/settings")
    await page.get_by_label("New address").fill("new@example.org")
    await page.get_by_label("Current password").fill("not this one")
    await page.get_by_role("button", name="Change address").click()
    await expect(page.locator("#current_password-fault")).to_have_text("This is not your password.")
    await expect(page.get_by_label("New address")).to_have_value("new@example.org")
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_role("button", name="Change address").click()
    await expect(page.get_by_role("alert")).to_contain_text("No e-mail can be sent at the moment")


async def test_an_organisation_is_left_unless_one_owns_it_alone(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    await house.organization(person, "member")
    owned = await house.organization(person, "owner", "Fjord Weather")
    await house.execute("DELETE FROM accounts.memberships WHERE org_id = %s AND user_id <> %s", owned, person.id)
    page = await open_page(person, "/settings")
    await page.get_by_role("link", name="Leave Acme Robotics").click()
    await expect(page.get_by_role("heading", name="Leave Acme Robotics?")).to_be_visible()
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_text("You have left.")).to_be_visible()
    await expect(page.locator("#memberships")).not_to_contain_text("Acme Robotics")
    await page.get_by_role("link", name="Leave Fjord Weather").click()
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("alert")).to_contain_text("An organisation keeps at least one owner")


async def test_an_organisation_that_one_is_not_in_is_not_there(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    org_id = await house.organization(await house.person(), "member")
    page = await open_page(await house.person(), f"/settings/leave/{org_id}")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_an_account_is_closed_by_who_types_its_name(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    page = await open_page(await house.person(), "/settings")
    await page.get_by_role("link", name="Close my account").click()
    await page.get_by_label("To be sure").fill("mira lindqvist")
    await page.get_by_role("button", name="Close my account for good").click()
    await expect(page.get_by_role("alert")).to_contain_text("Type the name of the account exactly as it is")
    await page.get_by_label("To be sure").fill("Mira Lindqvist")
    await page.get_by_role("button", name="Close my account for good").click()
    await expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    assert [each["name"] for each in await page.context.cookies() if each["name"] == "fogbank"] == []
    await page.goto("/settings")
    await expect(page).to_have_title("Sign in · Fogbank")


async def test_who_needs_a_factor_for_an_organisation_is_told_where_to_get_one(house: House, open_page: Open) -> None:
    person = await house.person()
    org_id = await house.organization(person, "member")
    await house.execute("UPDATE accounts.organizations SET requires_second_factor = true WHERE id = %s", org_id)
    page = await open_page(person, "/settings")
    await expect(page.locator("#memberships")).to_contain_text("It takes a second factor, and you have none yet.")
    await page.get_by_role("link", name="Set up a second factor").click()
    await expect(page.get_by_role("heading", name="Second factors")).to_be_visible()
