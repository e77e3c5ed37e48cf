"""The activity log as people read it: who did what, narrowed, paged, saved as a file that proves itself."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import Open
from tests.e2e.portal.organization.conftest import Office

from fogbank.accounts.activity.verifying import verified

pytestmark = pytest.mark.browser


async def test_acts_are_told_in_words_with_who_whence_and_what_changed(house: Office, open_page: Open) -> None:
    org_id, [owner, member] = await house.acme("member")
    await (await house.teams(owner)).set_role(org_id, member.id, "viewer")
    page = await open_page(owner, f"/activity?account={org_id}")
    first = page.locator(".acts-log > li").first
    await expect(first).to_contain_text("Mira Lindqvist changed a role: Member Person")
    await first.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(first.locator(".facts")).to_contain_text("role: member → viewer")
    await expect(first).to_contain_text("member.changed")


async def test_it_is_narrowed_by_person_kind_and_day_and_paged(house: Office, open_page: Open) -> None:
    org_id, [owner, admin] = await house.acme("admin")
    teams = await house.teams(admin)
    for number in range(34):
        await teams.rename(org_id, f"Acme {number}")
    page = await open_page(owner, f"/activity?account={org_id}")
    await expect(page.locator(".acts-log > li")).to_have_count(30)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator(".acts-log > li")).to_have_count(6)
    await page.get_by_role("link", name="Newest").click()
    await page.get_by_label("Person").select_option("Mira Lindqvist")
    await page.get_by_label("Kind").select_option("Name and settings")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".acts-log > li")).to_have_count(1)
    await expect(page.locator(".acts-log")).to_contain_text("made the organisation")
    yesterday = (house.clock() - timedelta(days=1)).date().isoformat()
    await page.get_by_label("To", exact=True).fill(yesterday)
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("Nothing like this was done.")).to_be_visible()


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_what_is_saved_can_be_verified_without_us(
    format_: str, house: Office, open_page: Open, tmp_path: Path
) -> None:
    org_id, [owner] = await house.acme()
    page = await open_page(owner, f"/activity?account={org_id}")
    name = "CSV" if format_ == "csv" else "JSON Lines"
    async with page.expect_download() as download:
        await page.get_by_role("link", name=name).click()
    saved = tmp_path / f"activity.{format_}"
    await (await download.value).save_as(saved)
    assert broken_in(saved) == []
    saved.write_bytes(saved.read_bytes().replace(b"organization.created", b"organization.renamed"))
    assert broken_in(saved) != []


async def test_who_may_not_read_it_is_told_who_may(house: Office, open_page: Open) -> None:
    org_id, [_, member] = await house.acme("member")
    page = await open_page(member, f"/activity?account={org_id}")
    await expect(page.get_by_role("heading", name="This log is not yours to read")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("read by its owners and admins")
    await expect(page.get_by_role("link", name="CSV")).to_have_count(0)
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": member.session}) as client:
        answer = await client.get(f"/activity/export?format=csv&account={org_id}")
    assert answer.status_code == 403
    await page.goto(f"/activity?account={member.id}")
    await expect(page.locator(".acts-log")).to_contain_text("signed in")


def broken_in(path: Path) -> list[str]:
    """What `fogbank activity verify` finds wrong with it."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(verified(lines).broken)
