"""What takes a recent proof asks for one, and then goes on where one was."""

from datetime import timedelta

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open
from tests.integration.accounts.conftest import PASSWORD

pytestmark = pytest.mark.browser
LATER = timedelta(minutes=11)


async def test_a_form_is_not_lost_on_the_way_to_a_proof(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await house.person()
    house.clock.forward(LATER)
    page = await open_page(person, "/settings/keys/new")
    await page.get_by_role("textbox", name="Name").fill('Night & "export"')
    await page.get_by_label("See current usage").check()
    await page.get_by_label("Only from these networks").fill("192.0.2.0/24")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await page.get_by_label("Password").fill("not this one")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("alert")).to_contain_text("This proof is wrong")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.locator("#secret")).to_contain_text("fb_live_")
    await page.get_by_role("link", name="I have it").click()
    await expect(page.get_by_role("main")).to_contain_text('Night & "export"')
    await expect(page.get_by_role("main")).to_contain_text("See current usage and its history.")
    await expect(page.get_by_role("main")).to_contain_text("192.0.2.0/24")


async def test_it_works_without_scripts_and_by_a_recovery_code(house: House, open_page: Open) -> None:
    person = await house.person()
    await house.with_app(person)
    page = await open_page(person, "/settings/security/codes", has_scripts=False)
    await page.get_by_role("button", name="Make new codes").click()
    code = await page.locator("#codes code").first.inner_text()
    house.clock.forward(LATER)
    await page.goto("/settings/security/passkeys/new")
    await page.get_by_text("Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(code.upper())
    await page.locator("details[open]").get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("heading", name="Add a passkey", level=1)).to_be_visible()


async def test_who_has_just_proved_it_is_not_asked(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/confirm?next=/settings/keys")
    await expect(page).to_have_url(f"{house.url}/settings/keys")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/x", "//evil.example", "/api/v1/users/me", "/confirm"])
async def test_a_proof_leads_nowhere_but_to_our_pages(house: House, elsewhere: str) -> None:
    person = await house.person()
    fields = {"confirm.method": "password", "confirm.code": PASSWORD, "confirm.next": elsewhere}
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": person.session}) as client:
        for more in ({}, {"confirm.again": elsewhere, "name": "x"}):
            answer = await client.post(
                "/confirm", data={**fields, **more}, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
            )
            assert (answer.status_code, answer.headers["location"]) == (303, "/usage")
        forged = await client.post("/confirm", data=fields, headers={"sec-fetch-site": "cross-site"})
        assert forged.status_code == 403


async def test_secrets_are_not_written_into_the_page_that_asks(house: House) -> None:
    person = await house.person()
    house.clock.forward(LATER)
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": person.session}) as client:
        headers = {"sec-fetch-site": "same-origin", "referer": f"{house.url}/settings/security/passkeys/new"}
        answer = await client.post(
            "/settings/security/passkeys", data={"name": "x", "answer": '{"id": "secret"}'}, headers=headers
        )
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/confirm?next=%2Fsettings%2Fsecurity%2Fpasskeys%2Fnew",
    )
