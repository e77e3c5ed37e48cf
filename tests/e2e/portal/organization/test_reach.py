"""Organisation, activity and credit reach everybody: any width, both themes, the keyboard, and no script to read."""

import httpx
import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import Open, Person
from tests.e2e.portal.looking import looks_well
from tests.e2e.portal.organization.conftest import Office
from tests.e2e.portal.organization.test_credit_page import with_money

pytestmark = pytest.mark.browser

BYTES_MAX = 60 * 1024


async def a_full_house(house: Office) -> tuple[Person, list[str]]:
    """The owner of an organisation with everything in it, and the addresses of all its pages."""
    org_id, [owner, admin, _] = await house.acme("admin", "viewer")
    await (await house.teams(owner)).offer_ownership(org_id, admin.id)
    await with_money(house, org_id)
    instance_id = await house.instance(org_id, owner, "a-rather-long-name-of-an-instance-that-has-no-blanks")
    teams, projects = await house.teams(owner), await house.projects(owner)
    await teams.invite(org_id, f"{'long' * 12}@example.org", "billing", key=f"invited-{org_id}")
    project = await projects.create(org_id, "web-shop", "Web shop", key=f"made-{org_id}")
    await projects.put(instance_id, project.id)
    await projects.label(instance_id, {"env": "production", "team": "x" * 60})
    ways = (
        "organization",
        "organization/all",
        "organization/new",
        "organization/name",
        f"organization/members/{admin.id}",
        f"organization/members/{admin.id}/remove",
        "organization/invitations/new",
        "organization/ownership",
        "organization/second-factor",
        "organization/close",
        "organization/projects",
        "organization/projects/new",
        f"organization/projects/{project.id}",
        f"organization/projects/instances/{instance_id}",
        "activity",
        "credit",
        "credit/statement",
    )
    transfer = f"/credit/transfer?account={org_id}&id=wrong-{org_id}"
    return owner, [*(f"/{way}?account={org_id}" for way in ways), transfer]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
async def test_every_page_looks_well(theme: str, width: int, house: Office, open_page: Open) -> None:
    owner, paths = await a_full_house(house)
    page = await open_page(owner, paths[0], width=width, theme=theme)
    for path in paths:
        await page.goto(path)
        for summary in (await page.locator(".acts-log summary").all())[:3]:
            await summary.click()
        await looks_well(page, path)


async def test_pages_are_small_and_need_no_script_to_be_read(house: Office) -> None:
    owner, paths = await a_full_house(house)
    async with httpx.AsyncClient(base_url=house.url, cookies={"fogbank": owner.session}) as client:
        for path in paths:
            answer = await client.get(path, headers={"accept-encoding": "identity"})
            assert (path, answer.status_code) == (path, 200)
            assert len(answer.content) < BYTES_MAX, path
            assert "<style" not in answer.text
            assert "onclick" not in answer.text


async def test_the_navigation_and_the_palette_lead_there_on_a_phone_too(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    page = await open_page(owner, f"/organization/all?account={org_id}", width=360)
    for name in ("Credit", "Organisation", "Activity"):
        await page.get_by_role("button", name="Open menu").click()
        await page.get_by_role("dialog").get_by_role("link", name=name, exact=True).click()
        await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Search or jump to").fill("credit")
    await expect(page.locator("#palette").get_by_role("option", name="Credit")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Credit", level=1)).to_be_visible()


async def test_who_is_not_signed_in_comes_back_to_the_page_that_they_asked_for(house: Office) -> None:
    async with httpx.AsyncClient(base_url=house.url) as client:
        for path in ("/organization/projects", "/activity", "/credit/statement"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (
                303,
                f"/sign-in?next={path.replace('/', '%2F')}",
            )
