"""Service accounts: made by who runs an organisation, with secrets and keys that are shown once."""

from datetime import timedelta

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import UNTIL_REFUSED, House, Open
from tests.e2e.portal.settings.furnishing import furnished
from tests.integration.accounts.conftest import PASSWORD

from fogbank.accounts.client.keys import ServiceAccountsClient

pytestmark = pytest.mark.browser


async def token_status(house: House, client_id: str, client_secret: str) -> int:
    """What the token route answers to the pair."""
    async with httpx.AsyncClient(base_url=house.url, auth=(client_id, client_secret)) as client:
        return (await client.post("/api/v1/auth/token", data={"grant_type": "client_credentials"})).status_code


async def test_a_machine_is_made_given_a_key_rotated_and_revoked(house: House, open_page: Open) -> None:
    person = await house.person()
    org_id = await house.organization(person, "admin")
    page = await open_page(person, f"/settings/machines?account={org_id}")
    await page.get_by_role("link", name="New service account").click()
    await page.get_by_role("textbox", name="Name").fill("Deployment")
    await page.locator("[name=role]").select_option("member")
    await page.get_by_label("Everything that its role allows").check()
    await page.get_by_role("button", name="Make service account").click()
    await expect(page.locator("code.secret")).to_have_count(2)
    client_id, first = await page.locator("code.secret").all_inner_texts()
    assert await token_status(house, client_id, first) == 200
    await page.get_by_role("link", name="I have it").click()
    await page.get_by_role("link", name="New key").click()
    await expect(page.get_by_role("heading", name="A key of Deployment")).to_be_visible()
    await page.get_by_role("textbox", name="Name").fill("Collector")
    await page.get_by_label("Send readings").check()
    await page.get_by_role("button", name="Make key").click()
    await expect(page.locator("#secret")).to_contain_text("fb_live_")
    await page.goto(f"/settings/machines/{client_id}")
    await expect(page.locator("#keys")).to_contain_text("Collector")
    await page.get_by_label("The old one works for").select_option("0")
    await page.get_by_role("button", name="Make a new secret").click()
    second = await page.locator("#secret").inner_text()
    house.clock.forward(UNTIL_REFUSED)
    assert [await token_status(house, client_id, each) for each in (first, second)] == [401, 200]
    await page.get_by_role("link", name="I have it").click()
    await page.get_by_role("link", name="Revoke").click()
    await page.get_by_role("button", name="Revoke service account").click()
    await expect(page.get_by_text("It is revoked, and refused from now on.")).to_be_visible()
    assert await token_status(house, client_id, second) == 401
    await page.get_by_text("1 revoked").click()
    await page.get_by_role("link", name="Deployment").click()
    await expect(page.get_by_role("button", name="Make a new secret")).to_have_count(0)


async def test_a_machine_gets_another_name_at_once_and_another_role_by_a_recent_proof(
    house: House, open_page: Open
) -> None:
    house.expected = ("Failed to load resource",)
    full = await furnished(house)
    house.clock.forward(timedelta(minutes=11))
    page = await open_page(full.person, f"/settings/machines/{full.machine_id}")
    await page.get_by_role("link", name="Change").click()
    await page.get_by_role("textbox", name="Name").fill("Deploys at night")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Deploys at night")).to_be_visible()
    await page.get_by_role("link", name="Change").click()
    await page.locator("[name=role]").select_option("viewer")
    await page.get_by_label("Only this").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Tick at least one, or let it do everything.")).to_be_visible()
    await page.get_by_label("See current usage").check()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").first.click()
    await expect(page.get_by_text("It is changed, for its tokens and keys as well.")).to_be_visible()
    machine = await ServiceAccountsClient(await house.as_(full.person)).account(full.machine_id)
    assert (machine.name, machine.role, machine.scopes) == ("Deploys at night", "viewer", ["usage:read"])


@pytest.mark.parametrize("role", ["member", "billing", "viewer"])
async def test_who_does_not_run_it_is_told_who_does(role: str, house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    org_id = await house.organization(person, role)
    page = await open_page(person, f"/settings/machines?account={org_id}")
    await expect(page.get_by_role("main")).to_contain_text(
        f"As {role} of Acme Robotics you do not see them. Its owners and admins"
    )
    await expect(page.get_by_role("link", name="New service account")).to_have_count(0)
    await page.goto(f"/settings/machines/new?account={org_id}")
    await expect(page.get_by_text("are made by its owners and admins")).to_be_visible()


async def test_anothers_machine_is_not_there(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    full = await furnished(house)
    page = await open_page(await house.person(), f"/settings/machines/{full.machine_id}")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await page.goto(f"/settings/keys/new?for={full.machine_id}")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_a_personal_account_says_that_they_belong_to_organisations(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/settings/machines")
    await expect(page.get_by_role("main")).to_contain_text("You belong to none.")
    person = await house.person()
    org_id = await house.organization(person, "owner")
    page = await open_page(person, f"/settings/machines?account={person.id}")
    await page.get_by_role("link", name="Acme Robotics").click()
    await expect(page).to_have_url(f"{house.url}/settings/machines?account={org_id}")
