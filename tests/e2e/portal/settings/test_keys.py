"""API keys: made for what they need, shown once, rotated with an overlap, and revoked."""

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import UNTIL_REFUSED, House, Open

from fogbank.accounts.client.keys import KeysClient, NewKey

pytestmark = pytest.mark.browser


async def does(house: House, key: str) -> int:
    """What the API answers to it."""
    async with httpx.AsyncClient(base_url=house.url, headers={"authorization": f"Bearer {key}"}) as client:
        return (await client.get("/api/v1/users/me")).status_code


async def test_a_key_is_made_used_rotated_and_revoked(house: House, open_page: Open) -> None:
    page = await open_page(await house.person(), "/settings/keys")
    await expect(page.get_by_role("heading", name="Let a program act as you")).to_be_visible()
    await page.get_by_role("link", name="New key").click()
    await page.get_by_role("textbox", name="Name").fill("Nightly export")
    await page.get_by_label("See people, organisations").check()
    await page.get_by_role("button", name="Make key").click()
    first = await page.locator("#secret").inner_text()
    assert await does(house, first) == 200
    await page.get_by_role("link", name="I have it").click()
    await expect(page.get_by_role("main")).to_contain_text(f"fb_live_…{first[-4:]}")
    assert first not in await page.content()
    await page.get_by_label("The old one works for").select_option("an hour")
    await page.get_by_role("button", name="Make a new secret").click()
    second = await page.locator("#secret").inner_text()
    assert [await does(house, first), await does(house, second)] == [200, 200]
    await page.get_by_role("link", name="I have it").click()
    await expect(page.locator(".secrets li")).to_have_count(2)
    await expect(page.get_by_role("heading", name="Nightly export")).to_contain_text("rotating")
    await page.get_by_role("link", name="Revoke").click()
    await page.get_by_role("button", name="Revoke key").click()
    await expect(page.get_by_text("The key is revoked.")).to_be_visible()
    house.clock.forward(UNTIL_REFUSED)
    assert [await does(house, first), await does(house, second)] == [401, 401]
    await page.get_by_text("1 that holds no longer").click()
    await expect(page.get_by_role("link", name="Nightly export")).to_be_visible()


async def test_a_refusal_stands_at_its_field_and_nothing_that_was_typed_is_lost(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    page = await open_page(await house.person(), "/settings/keys/new")
    await page.get_by_role("textbox", name="Name").fill("Export")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.locator("#scopes-fault")).to_have_text("Tick at least one, or let it do everything.")
    await page.get_by_label("Everything that I may do").check()
    await expect(page.get_by_label("See current usage")).to_be_hidden()
    await page.get_by_label("Only from these networks").fill("192.0.2.7/24")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.locator("#networks-fault")).to_contain_text("192.0.2.0/24")
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("Export")
    await expect(page.get_by_label("Everything that I may do")).to_be_checked()
    await page.get_by_label("Only from these networks").fill("")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.locator("#secret")).to_contain_text("fb_live_")


async def test_a_form_that_is_sent_twice_makes_one_key_and_shows_the_same_secret(house: House) -> None:
    person = await house.person()
    form = {"key": "form_1", "name": "Export", "reach": "all", "life": "30"}
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": person.session}) as client:
        headers = {"sec-fetch-site": "same-origin"}
        pages = {(await client.post("/settings/keys/new", data=form, headers=headers)).text for _ in range(2)}
    assert len(pages) == 1
    assert [key.name for key in await KeysClient(await house.as_(person)).of(person.id)] == ["Export"]


async def test_nobody_elses_key_is_there(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    other = await house.person()
    made = await KeysClient(await house.as_(other)).create(_key(), "one")
    page = await open_page(await house.person(), f"/settings/keys/{made.key.id}")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await page.goto(f"/settings/keys/{made.key.id}/revoke")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_where_a_key_was_last_used_is_told(house: House, open_page: Open) -> None:
    person = await house.person()
    made = await KeysClient(await house.as_(person)).create(_key(), "one")
    await house.execute(
        "UPDATE accounts.api_keys SET last_used_at = %s, last_used_address = '198.51.100.7' WHERE id = %s",
        house.clock(),
        made.key.id,
    )
    page = await open_page(person, "/settings/keys")
    await expect(page.get_by_role("main")).to_contain_text(
        "used just now from 198.51.100.7 · works until it is revoked"
    )


def _key() -> NewKey:
    return NewKey("Export", ["usage:read"])
