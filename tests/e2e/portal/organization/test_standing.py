"""A new organisation, how one stands, and its end, in a real browser over real accounts."""

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import Open
from tests.e2e.portal.organization.conftest import ACME, Office

pytestmark = pytest.mark.browser


async def test_a_person_makes_an_organisation_renames_it_and_closes_it_by_its_name(
    house: Office, open_page: Open
) -> None:
    house.expected = ("Failed to load resource",)
    page = await open_page(await house.person(), "/organization")
    await expect(page.get_by_role("heading", name="You are in none yet")).to_be_visible()
    await page.get_by_role("link", name="New organisation").click()
    await page.get_by_label("Name").fill("Fjord Analytics")
    await page.get_by_role("button", name="Make organisation").click()
    await expect(page.get_by_text("The organisation is made, and you own it.")).to_be_visible()
    await page.get_by_role("link", name="Rename").click()
    await page.get_by_label("Name").fill("Fjord Works")
    await page.get_by_role("button", name="Save name").click()
    await expect(page.get_by_role("heading", name="Fjord Works")).to_be_visible()

    await page.get_by_role("link", name="Close it").click()
    await page.get_by_role("textbox").fill("Fjord Analytics")
    await page.get_by_role("button", name="Close it for good").click()
    await expect(page.get_by_role("alert")).to_contain_text("Type the name of the account exactly as it is")
    await page.get_by_role("textbox").fill("Fjord Works")
    await page.get_by_role("button", name="Close it for good").click()
    await expect(page.get_by_text("This organisation is closed for good.")).to_be_visible()
    await expect(page.get_by_role("link", name="Invite")).to_have_count(0)
    await expect(page.get_by_role("main")).to_contain_text("It is closed already.")


async def test_a_suspended_organisation_says_so_and_what_goes_on(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    await house.stands(org_id, "suspend")
    page = await open_page(owner, f"/organization?account={org_id}")
    await expect(page.get_by_text("This organisation is suspended.")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("What runs goes on and is charged.")
    await expect(page.locator("#members")).to_contain_text("Nobody is invited or given another role while it is")
    await expect(page.locator("#ends")).to_contain_text("It does not change hands while the organisation is suspended.")
    await expect(page.get_by_role("link", name="Invite")).to_have_count(0)
    await expect(page.get_by_role("link", name="Close it")).to_be_visible()


async def test_a_second_factor_is_required_by_who_has_one_and_others_are_named_first(
    house: Office, open_page: Open
) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner, _] = await house.acme("member")
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("link", name="Require it").click()
    await expect(page.get_by_role("main")).to_contain_text(
        "It closes at once to those who have none: Member Person, Mira Lindqvist."
    )
    await page.get_by_role("button", name="Require it").click()
    await expect(page.get_by_role("alert")).to_contain_text("set up a second factor of your own first")
    await house.with_app(owner)
    await page.get_by_role("button", name="Require it").click()
    await expect(page.get_by_text("From now on it takes a second factor")).to_be_visible()
    await expect(page.locator("#members")).to_contain_text("no second factor")
    await page.get_by_role("button", name="Require it no longer").click()
    await expect(page.get_by_text("It takes no second factor any more.")).to_be_visible()


async def test_the_last_owner_is_told_what_to_do_first(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    page = await open_page(owner, f"/organization?account={org_id}")
    await expect(page.locator("#ends")).to_contain_text("You are its last owner.")
    await expect(page.get_by_role("link", name="Leave")).to_have_count(0)
    await page.get_by_role("link", name=f"Change {owner.name}").click()
    await expect(page.get_by_role("main")).to_contain_text("This is the last owner")
    await expect(page.get_by_role("button", name="Save role")).to_have_count(0)


async def test_projects_take_instances_and_labels_and_go_into_the_archive(house: Office, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner, viewer] = await house.acme("viewer")
    for name in ("api-prod-1", "batch-etl"):
        await house.instance(org_id, owner, name)
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("link", name="Projects").click()
    await page.get_by_role("link", name="New project").first.click()
    await page.get_by_label("Name").fill("Web shop")
    await page.get_by_label("Key").fill("web-shop")
    await page.get_by_role("button", name="Make project").click()
    await page.get_by_role("link", name="Allocate api-prod-1").click()
    await page.get_by_label("Its costs belong to").select_option("Web shop")
    await page.get_by_role("button", name="Save project").click()
    await expect(page.locator("#projects")).to_contain_text("web-shop · 1 instance")
    await page.get_by_role("link", name="Allocate batch-etl").click()
    await page.get_by_label("One a line").fill("not a label")
    await page.get_by_role("button", name="Save labels").click()
    await expect(page.locator("#labels-fault")).to_contain_text("as key=value")
    await page.get_by_label("One a line").fill("env=staging")
    await page.get_by_role("button", name="Save labels").click()
    await page.get_by_placeholder("Name or label").fill("env=staging")
    await page.keyboard.press("Enter")
    await expect(page.locator("#instances .alert")).to_have_count(1)
    await page.get_by_role("link", name="Change Web shop").click()
    await page.get_by_role("button", name="Archive project").click()
    await expect(page.locator("#projects")).to_contain_text("archived")

    other = await open_page(viewer, f"/organization/projects?account={org_id}")
    await expect(other.get_by_role("main")).to_contain_text(
        "Projects are made by its owners, admins and billing people."
    )
    await expect(other.get_by_role("link", name="Allocate api-prod-1")).to_have_count(0)
    assert ACME in await other.content()
