"""Other issuers: which open one's account, and ending that. Going to one is the door's business."""

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import House, Open, Person

pytestmark = pytest.mark.browser

ISSUERS = """
    INSERT INTO accounts.issuers (id, name, url, client_id, domains, admits_unknown, scopes, created_at)
    VALUES ('issuer_a', 'Acme directory', 'https://a.example', 'fogbank', '{}', false, '{openid}', now()),
        ('issuer_b', 'Bureau', 'https://b.example', 'fogbank', '{}', false, '{openid}', now())
    ON CONFLICT DO NOTHING
"""
LINK = """
    INSERT INTO accounts.issuer_links (id, issuer_id, subject, user_id, email, created_at)
    VALUES ('link_' || %(user)s, 'issuer_a', %(user)s, %(user)s, 'mira@acme.example', %(now)s)
"""


async def linked(house: House) -> Person:
    person = await house.person()
    await house.execute(ISSUERS)
    async with house.database.transaction() as tx:
        await tx.execute(LINK, {"user": person.id, "now": house.clock()})
    return person


async def test_a_link_is_ended_and_another_can_be_begun(house: House, open_page: Open) -> None:
    page = await open_page(await linked(house), "/settings/security")
    issuers = page.locator("#issuers")
    await expect(issuers).to_contain_text("mira@acme.example · linked just now · never used since")
    begin = page.get_by_role("button", name="Link Bureau").locator("xpath=..")
    assert await begin.get_attribute("action") == "/sign-in/oidc/issuer_b"
    await page.get_by_role("link", name="Unlink Acme directory").click()
    await expect(page.get_by_role("heading", name="Unlink Acme directory?")).to_be_visible()
    await page.get_by_role("button", name="Unlink").click()
    await expect(page.get_by_text("The issuer opens your account no more.")).to_be_visible()
    await expect(page.get_by_role("button", name="Link Acme directory")).to_be_visible()


async def test_the_last_way_in_is_kept(house: House, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    person = await linked(house)
    await house.execute("UPDATE accounts.users SET password_hash = NULL WHERE id = %s", person.id)
    page = await open_page(person, "/settings/security")
    await expect(page.get_by_role("heading", name="Set a password")).to_be_visible()
    await page.get_by_role("link", name="Unlink Acme directory").click()
    await page.get_by_role("button", name="Unlink").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("link", name="Keep it").click()
    await expect(page.get_by_role("link", name="Unlink Acme directory")).to_be_visible()
    await page.goto("/settings")
    await expect(page.locator("#address")).to_contain_text("A change of the address takes your password")


async def test_where_there_are_none_it_says_who_adds_them(house: House, open_page: Open) -> None:
    await house.execute("DELETE FROM accounts.issuers")
    page = await open_page(await house.person(), "/settings/security")
    await expect(page.locator("#issuers")).to_contain_text("None is set up here. Administrators add them.")
