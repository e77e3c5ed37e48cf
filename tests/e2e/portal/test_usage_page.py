"""The Usage page in a real browser: it shows what the components answered, and everything on it works."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_the_page_shows_what_the_components_answered(open_page: Open) -> None:
    page = await open_page()
    await expect(page.locator("#balance .value")).to_have_text("€1,204.60")
    await expect(page.locator("#balance .note")).to_have_text("9 days left at this rate")
    await expect(page.locator("#rate .value")).to_have_text("€5.12/hour")
    await expect(page.locator("#pulse")).to_contain_text("Live")
    await expect(page.locator("#pulse")).to_contain_text("16 events/min")
    await expect(page.locator(".insight")).to_contain_text("Cost rose")
    await expect(page.locator(".instances tbody tr")).to_have_count(8)
    await expect(page.locator(".instances tbody tr").first).to_contain_text("gpu-h100-a")


async def test_ranges_and_groupings_change_the_chart_and_the_address(open_page: Open, portal: str) -> None:
    page = await open_page()
    await page.get_by_role("link", name="7d").click()
    await expect(page.locator("#chart .column")).to_have_count(28)
    await page.get_by_role("link", name="Instance", exact=True).click()
    await expect(page.locator(".legend")).to_contain_text("gpu-h100-a")
    await expect(page).to_have_url(f"{portal}/usage?account=org_acme&range=7d&by=instance")
    await page.go_back()
    await expect(page.locator(".legend")).to_contain_text("GPU")
    await expect(page.locator("#chart .column")).to_have_count(28)


async def test_the_chart_is_read_with_arrow_keys(open_page: Open) -> None:
    page = await open_page()
    await page.get_by_role("application").focus()
    await page.keyboard.press("End")
    await expect(page.locator(".tip")).to_contain_text("Wed 25 Nov · so far")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".tip")).to_contain_text("Tue 24 Nov")
    await page.keyboard.press("Home")
    await expect(page.locator(".tip")).to_contain_text("Tue 27 Oct")
    await expect(page.locator(".tip .total")).to_contain_text("€")
    await page.keyboard.press("Escape")
    await expect(page.locator(".tip")).to_be_hidden()


async def test_the_pointer_reads_it_too(open_page: Open) -> None:
    page = await open_page()
    await page.locator(".column").nth(5).hover()
    await expect(page.locator(".tip")).to_contain_text("Sun 1 Nov")
    await page.get_by_role("heading", name="Cost by instance").hover()
    await expect(page.locator(".tip")).to_be_hidden()


async def test_a_series_is_put_aside_and_the_scale_follows(open_page: Open) -> None:
    page = await open_page()
    gpu = page.locator(".legend button", has_text="GPU")
    await gpu.click()
    await expect(gpu).to_have_attribute("aria-pressed", "false")
    await expect(page.locator(".segment.tint-1")).to_have_count(0)
    await expect(page.locator(".y-labels")).not_to_contain_text("€200")
    await gpu.click()
    await expect(page.locator(".segment.tint-1")).to_have_count(30)


async def test_the_table_behind_the_chart_stays_open_when_figures_change(open_page: Open) -> None:
    page = await open_page()
    await page.get_by_text("View as table").click()
    await expect(page.get_by_role("region", name="Cost over time as a table").get_by_role("row")).to_have_count(31)
    await page.get_by_role("link", name="12m").click()
    await expect(page.get_by_role("region", name="Cost over time as a table").get_by_role("row")).to_have_count(13)


async def test_instances_are_filtered_and_sorted(open_page: Open) -> None:
    page = await open_page()
    rows = page.locator(".instances tbody tr")
    await page.get_by_label("Filter instances").fill("api")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="Instance", exact=True).click()
    await expect(page.get_by_role("columnheader", name="Instance")).to_have_attribute("aria-sort", "ascending")
    await expect(rows.first).to_contain_text("api-prod-1")
    await page.get_by_role("button", name="Instance", exact=True).click()
    await expect(rows.first).to_contain_text("api-prod-2")
    await page.get_by_label("Filter instances").fill("nobody")
    await expect(page.get_by_text("No instance has “nobody” in its name.")).to_be_visible()


async def test_another_organisation_is_another_page(open_page: Open) -> None:
    page = await open_page()
    await page.get_by_role("complementary").get_by_label("Account: Acme Robotics. Change").click()
    await page.get_by_role("link", name="Fjord Analytics").click()
    await expect(page.get_by_text("First reading arrives in about 30 s")).to_be_visible()
    await page.goto("/usage")
    await expect(page.get_by_role("complementary").get_by_label("Account: Fjord Analytics. Change")).to_be_visible()


async def test_costs_are_downloaded_exactly(open_page: Open) -> None:
    page = await open_page("/usage?range=12m&by=instance")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    file = await download.value
    assert file.suggested_filename == "fogbank-costs-2026-11-25-12m-by-instance.csv"
    lines = (await file.path()).read_text().splitlines()
    assert lines[0] == "start,end,key,label,cost,currency"
    assert len(lines) > 80


async def test_a_component_that_is_away_costs_only_its_own_cards(open_page: Open, world: Any) -> None:
    world.broken = {"billing"}
    page = await open_page()
    await expect(page.locator("#balance .value")).to_have_text("€1,204.60")
    await expect(page.locator("#rate")).to_contain_text("Billing does not answer at the moment.")
    await expect(page.locator("#chart")).to_contain_text("Everything else on this page still works.")
    world.broken = set()
    await page.locator("#chart").get_by_role("button", name="Try again").click()
    await expect(page.locator("#chart .column")).to_have_count(30)


async def test_the_palette_finds_ranges_and_instances(open_page: Open, portal: str) -> None:
    page = await open_page()
    await page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    await expect(box).to_be_focused()
    await expect(page.get_by_role("option").first).to_contain_text("Usage")
    await box.fill("24 hours")
    await expect(page.get_by_role("option")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("by instance")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{portal}/usage?account=org_acme&range=24h&by=instance")
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("pg-prim")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator(".instances tbody tr")).to_have_count(1)
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_be_hidden()
