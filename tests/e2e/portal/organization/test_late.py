"""A page whose database is slow: what it is made of comes by itself, all of it, and can then be used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from playwright.async_api import Page, expect
from psycopg.sql import SQL, Identifier
from tests.e2e.portal.house import Open
from tests.e2e.portal.organization.conftest import Office

pytestmark = pytest.mark.browser


@dataclass
class Locks:
    """Holds tables back from whoever reads them."""

    postgres_url: str

    @asynccontextmanager
    async def on(self, table: str) -> AsyncIterator[None]:
        async with await psycopg.AsyncConnection.connect(self.postgres_url) as connection:
            await connection.execute(
                SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(Identifier(*table.split(".")))
            )
            yield


@pytest.fixture
def locks(postgres_url: str) -> Locks:
    return Locks(postgres_url)


async def waiting(page: Page) -> None:
    await expect(page.locator("main .waiting")).to_be_visible()


async def test_all_of_an_organisation_comes_once_it_is_known(house: Office, open_page: Open, locks: Locks) -> None:
    org_id, [owner] = await house.acme()
    async with locks.on("accounts.invitations"):
        page = await open_page(owner, f"/organization?account={org_id}&done=named")
        await waiting(page)
    await page.get_by_role("link", name="Invite").click()
    await expect(page.get_by_label("E-mail address")).to_be_visible()


async def test_instances_come_with_their_projects_and_as_they_were_narrowed(
    house: Office, open_page: Open, locks: Locks
) -> None:
    org_id, [owner] = await house.acme()
    for name in ("web-1", "db-1"):
        await house.instance(org_id, owner, name)
    async with locks.on("accounts.projects"):
        page = await open_page(owner, f"/organization/projects?account={org_id}&q=web")
        await waiting(page)
    await expect(page.locator("#instances .alert")).to_contain_text(["web-1"])


async def test_all_of_credit_comes_once_the_ledger_answers(house: Office, open_page: Open, locks: Locks) -> None:
    org_id, [owner] = await house.acme()
    await house.ledger.deposit(org_id, "5", id=f"in-{org_id}")
    house.clock.forward(timedelta(hours=1))
    async with locks.on("ledger.accounts"):
        page = await open_page(owner, f"/credit?account={org_id}")
        await waiting(page)
    await expect(page.locator("#sources .alert")).to_have_count(1)
    await page.get_by_role("link", name="Last 30 days").click()
    await expect(page.locator(".statement tbody tr")).to_have_count(3)


async def test_the_log_comes_with_how_it_is_proved(house: Office, open_page: Open, locks: Locks) -> None:
    org_id, [owner] = await house.acme()
    async with locks.on("accounts.activity"):
        page = await open_page(owner, f"/activity?account={org_id}")
        await waiting(page)
    await expect(page.locator(".acts-log li").first).to_be_visible()
    await expect(page.get_by_role("heading", name="A file that proves itself")).to_be_visible()


async def test_without_scripts_one_looks_again(house: Office, open_page: Open, locks: Locks) -> None:
    org_id, [owner] = await house.acme()
    async with locks.on("accounts.invitations"):
        page = await open_page(owner, f"/organization?account={org_id}", has_scripts=False)
        await waiting(page)
    await page.get_by_role("link", name="Look again").click()
    await expect(page.get_by_role("link", name="Invite")).to_be_visible()
