"""Credit in a real browser over a real ledger: what there is, statements that add up, transfers and their reversals."""

import csv
from datetime import timedelta
from io import StringIO

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import Open
from tests.e2e.portal.organization.conftest import Office

from fogbank.accounts.ledger.client import ChargeRequest, ReversalRequest

pytestmark = pytest.mark.browser


async def with_money(house: Office, org_id: str) -> None:
    """Paid in 250, given 40 that end soon and 100 that do not, 25 held, 12.345678 spent, 5.50 by mistake and back."""
    ledger, now = house.ledger, house.clock()
    await ledger.deposit(org_id, "250", id=f"in-{org_id}", memo="bank transfer 4711")
    await ledger.deposit(org_id, "5.5", id=f"wrong-{org_id}", memo="by mistake")
    await ledger.reverse(ReversalRequest(f"back-{org_id}", f"wrong-{org_id}"))
    await ledger.grant(
        org_id, "40", kind="promotional", priority=10, expires_at=now + timedelta(days=3), id=f"welcome-{org_id}"
    )
    await ledger.grant(org_id, "100", kind="paid", priority=50, id=f"paid-{org_id}")
    await ledger.hold(org_id, "25", expires_at=now + timedelta(days=2), id=f"hold-{org_id}", memo="payout of 25")
    house.clock.forward(timedelta(hours=1))
    await ledger.deduct(org_id, "12.345678", f"job-{org_id}", "render farm")
    house.clock.forward(timedelta(hours=1))


async def test_the_page_says_what_there_is_in_the_order_in_which_it_is_spent(house: Office, open_page: Open) -> None:
    org_id, [owner, viewer] = await house.acme("viewer")
    await with_money(house, org_id)
    page = await open_page(viewer, f"/credit?account={org_id}")
    await expect(page.locator("#available")).to_contain_text("€352.65")
    await expect(page.locator("#available")).to_contain_text("of a balance of €377.654322")
    await expect(page.locator("#held")).to_contain_text("€25.00")
    await expect(page.locator("#runway")).to_contain_text("days")
    sources = page.locator("#sources .alert")
    await expect(sources).to_have_count(3)
    await expect(sources.nth(0)).to_contain_text("€27.654322")
    await expect(sources.nth(0)).to_contain_text("until ")
    await expect(sources.nth(1)).to_contain_text("Paid credit")
    await expect(sources.nth(2)).to_contain_text("€25.00 of it is held")
    await expect(page.locator("#holds")).to_contain_text("payout of 25")
    assert owner.id != viewer.id


async def test_a_statement_adds_up_from_opening_to_closing_and_is_saved_as_csv(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    await with_money(house, org_id)
    page = await open_page(owner, f"/credit?account={org_id}")
    await page.get_by_role("link", name="Last 30 days").click()
    rows = page.locator(".statement tbody tr")
    await expect(rows).to_have_count(8)
    await expect(rows.first).to_contain_text("Opening balance")
    await expect(rows.last).to_contain_text("€377.654322")
    await expect(page.get_by_label("Sums by kind")).to_contain_text("Deduction (1)")
    await expect(page.get_by_label("Sums by kind")).to_contain_text("-€12.345678")
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": owner.session}) as client:
        answer = await client.get(f"/credit/statement/export?account={org_id}&{page.url.partition('?')[2]}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="statement_')
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert (lines[0]["kind"], lines[-1]["kind"], len(lines)) == ("opening", "closing", 8)


async def test_a_transfer_shows_what_it_moved_and_the_other_one_of_its_pair(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    await with_money(house, org_id)
    page = await open_page(owner, f"/credit/statement?account={org_id}")
    await page.locator(".statement").get_by_role("link", name="Money paid in").nth(1).click()
    await expect(page.get_by_text("This was undone.")).to_be_visible()
    await expect(page.locator(".statement tbody tr")).to_have_count(1)
    await expect(page.locator(".statement")).to_contain_text("Own credit")
    await page.get_by_role("link", name="Its reversal").click()
    await expect(page.get_by_text("This is a reversal.")).to_be_visible()
    await expect(page.locator(".value")).to_have_text("-€5.50")
    await page.get_by_role("link", name="the transfer before it").click()
    await expect(page.get_by_text("This was undone.")).to_be_visible()


async def test_long_statements_come_in_pages_and_an_empty_one_says_so(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    for number in range(52):
        await house.ledger.deposit(org_id, "1", id=f"many-{number}-{org_id}")
    house.clock.forward(timedelta(hours=1))
    page = await open_page(owner, f"/credit/statement?account={org_id}")
    await page.get_by_role("link", name="Later lines").click()
    await expect(page.locator(".statement tbody tr")).to_have_count(3)
    await expect(page.locator(".statement tbody tr").last).to_contain_text("€52.00")
    await page.goto(f"/credit/statement?account={org_id}&from=2020-01-01&to=2020-01-31")
    await expect(page.get_by_text("Nothing changed in this period.")).to_be_visible()


async def test_what_is_owed_is_said_plainly(house: Office, open_page: Open) -> None:
    person = await house.person()
    await house.ledger.charge([ChargeRequest(f"used-{person.id}", person.id, "3", "usage")])
    house.clock.forward(timedelta(hours=1))
    page = await open_page(person, f"/credit?account={person.id}")
    await expect(page.get_by_text("€3.00 is owed.")).to_be_visible()
    await expect(page.locator("#runway")).to_contain_text("none")
    await expect(page.locator("#runway")).to_contain_text("used up")
    await expect(page.locator("#holds")).to_contain_text("Nothing is reserved, and nothing was.")


async def test_somebody_elses_transfer_is_not_there(house: Office, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner] = await house.acme()
    other_id, _ = await house.acme()
    await house.ledger.deposit(other_id, "1", id=f"other-{other_id}")
    page = await open_page(owner, f"/credit/transfer?account={org_id}&id=other-{other_id}")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await expect(page.get_by_role("link", name="To your usage")).to_be_visible()
