"""Alerts: what is firing, what is set, and setting, changing and deleting them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from tests.e2e.portal.stand_in.alerts import fires, threshold
from tests.e2e.portal.stand_in.notices import notice
from tests.e2e.portal.world import OTHER_ORG, USER, World

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_an_alert_that_is_set_appears_and_is_deleted(open_page: Open, world: World) -> None:
    page = await open_page("/alerts")
    await page.get_by_role("link", name="New alert").click()
    await page.get_by_role("link", name="Storage").click()
    await page.get_by_label("Warn when it reaches").fill("1.5")
    await page.get_by_label("Units").select_option("TB")
    await page.get_by_label("Instance (optional)").fill("vol-data-01")
    await page.get_by_label("Webhooks").check()
    await page.get_by_label("E-mail").uncheck()
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.get_by_role("status").filter(has_text="The alert is set.")).to_be_visible()
    row = page.locator("#alerts .alert")
    await expect(row).to_contain_text("Storage reaches 1.5 TB")
    await expect(row).to_contain_text("vol-data-01")
    await expect(row.locator(".pill")).to_have_text(["Portal", "Webhooks"])
    (kept,) = world.thresholds.values()
    assert (kept["threshold_value"], kept["units"], kept["instance_id"]) == (1.5, "TB", "i-vol-data-01")
    await page.get_by_role("link", name="Delete: Storage reaches 1.5 TB").click()
    await page.get_by_role("link", name="Keep it").click()
    await expect(row).to_have_count(1)
    await page.get_by_role("link", name="Delete: Storage reaches 1.5 TB").click()
    await page.get_by_role("button", name="Delete alert").click()
    await expect(page.get_by_text("The alert is deleted.")).to_be_visible()
    assert world.thresholds == {}


async def test_one_click_warns_before_the_balance_runs_out(open_page: Open, world: World) -> None:
    page = await open_page("/alerts")
    await page.get_by_role("button", name="Warn me 7 days ahead").click()
    await expect(page.locator("#alerts .alert")).to_contain_text("Runway falls to 7 days")
    (kept,) = world.thresholds.values()
    assert (kept["org_id"], kept["notification_channels"]) == ("org_acme", ["email", "portal"])


async def test_an_alert_is_changed_and_the_rest_of_it_stays(open_page: Open, world: World) -> None:
    threshold(world, "t", resource_type="spend", threshold_value=400, units="credits/month", hysteresis_percent=20)
    page = await open_page("/alerts")
    await expect(page.locator("#alert-t")).to_contain_text("Spending reaches €400 this month")
    await page.get_by_role("link", name="Edit: Spending reaches €400").click()
    await expect(page.get_by_label("Units")).to_contain_text("EUR this month")
    await page.get_by_label("Warn when it reaches").fill("450.50")
    await page.get_by_label("Name (optional)").fill("Budget")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#alert-t")).to_contain_text("The whole account · Spending reaches €450.50 this month")
    assert world.thresholds["t"]["hysteresis_percent"] == 20


async def test_a_refusal_stands_at_its_field_in_the_apis_words(open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"  # Chromium reports the 422 itself
    page = await open_page("/alerts/new?resource=memory")
    await page.get_by_label("Warn when it reaches").fill("0")
    await page.get_by_label("Name (optional)").fill("Mine")
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.locator("#value-fault")).to_have_text("Must be more than 0.")
    await expect(page.get_by_label("Warn when it reaches")).to_be_focused()
    await page.get_by_label("Warn when it reaches").fill("90")
    await page.get_by_label("Instance (optional)").fill("i-somebody-elses")
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.locator("#instance-fault")).to_contain_text("There is no instance 'i-somebody-elses'")
    await page.get_by_label("Instance (optional)").fill("")
    await page.get_by_label("E-mail").uncheck()
    await page.get_by_label("Portal").uncheck()
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.locator("#channels-fault")).to_contain_text("Is empty, and action is notify")
    await expect(page.get_by_label("Name (optional)")).to_have_value("Mine")
    world.broken = {"thresholds"}
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.get_by_role("alert")).to_contain_text("so nothing was saved")
    assert world.thresholds == {}


async def test_what_fires_appears_by_itself(open_page: Open, world: World) -> None:
    threshold(world, "t", resource_type="storage", threshold_value=500, units="GB")
    page = await open_page("/alerts")
    await expect(page.locator("#firing")).to_contain_text("All is well.")
    fires(world, "t", "512.4", world.now - timedelta(hours=3), instance_id="i-pg-primary")
    notice(world, "Storage is above its limit")
    await expect(page.locator("#firing")).to_contain_text("Storage reached 500 GB")
    await expect(page.locator("#firing")).to_contain_text("512.4 GB")
    await expect(page.locator("#firing")).to_contain_text("pg-primary")
    await expect(page.locator("#firing")).to_contain_text("3 h ago")


async def test_whoever_may_not_set_alerts_looks_at_them(open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"  # Chromium reports the 403 itself
    threshold(world, "t")
    world.role = "viewer"
    page = await open_page("/alerts")
    await expect(page.locator("#alert-t")).to_contain_text("Runway falls to 7 days")
    await expect(page.get_by_role("main").get_by_role("link")).to_have_count(0)
    await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    await page.goto("/alerts/new")
    await expect(page.get_by_text("Your role in this organisation does not set alerts.")).to_be_visible()


async def test_a_member_sets_them_on_instances_only(open_page: Open, world: World) -> None:
    world.role = "member"
    page = await open_page("/alerts/new")
    await expect(page.get_by_role("navigation", name="What to watch")).not_to_contain_text("Runway")
    await page.get_by_label("Instance").fill("pg-primary")
    await page.get_by_role("button", name="Set alert").click()
    await expect(page.locator("#alerts .alert")).to_contain_text("CPU reaches 90%")


async def test_what_an_administrator_set_is_not_theirs_to_change(open_page: Open, world: World) -> None:
    threshold(world, "t")["is_administrators"] = True
    page = await open_page("/alerts")
    await expect(page.locator("#alert-t")).to_contain_text("Set by an administrator")
    await expect(page.locator("#alert-t").get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize("path", ["/alerts/theirs", "/alerts/theirs/delete", "/alerts/none", "/alerts/states"])
async def test_somebody_elses_alert_is_404(path: str, open_page: Open, world: World) -> None:
    world.expected_in_console = "Failed to load resource"
    threshold(world, "theirs")["account_id"] = "org_somebody_elses"
    page = await open_page(path)
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_an_alert_of_another_account_of_theirs_opens_there(open_page: Open, portal: str, world: World) -> None:
    threshold(world, "mine", user_id=USER)
    page = await open_page("/alerts/mine")
    await expect(page).to_have_url(f"{portal}/alerts/mine?account={USER}")
    await expect(page.get_by_role("main")).to_contain_text("Mira Lindqvist")


async def test_the_way_through_the_door_leads_back(open_page: Open, portal: str, world: World) -> None:
    page = await open_page("/alerts/new?resource=spend", signed_in=False)
    await page.get_by_label("E-mail").fill("mira@acme.example")
    await page.get_by_label("Password").fill("correct horse")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{portal}/alerts/new?resource=spend")
    world.has_session = False
    world.now += timedelta(minutes=5)
    await page.get_by_label("Warn when it reaches").fill("100")
    await page.get_by_role("button", name="Set alert").click()
    await expect(page).to_have_url(f"{portal}/sign-in?next=%2Falerts%2Fnew%3Fresource%3Dspend")


async def test_the_navigation_knows_where_one_is(open_page: Open) -> None:
    page = await open_page("/alerts/new")
    alerts = page.get_by_role("complementary").get_by_role("link", name="Alerts")
    await expect(alerts).to_have_attribute("aria-current", "true")
    await page.get_by_role("complementary").get_by_label("Account: Acme Robotics. Change").click()
    await page.get_by_role("complementary").get_by_role("link", name="Fjord Analytics").click()
    await expect(page).to_have_url(f"{page.url.partition('/alerts')[0]}/alerts?account={OTHER_ORG}")
    await expect(alerts).to_have_attribute("aria-current", "page")


async def test_the_palette_leads_there(open_page: Open, portal: str) -> None:
    page = await open_page()
    for words, path in (("new alert", "/alerts/new"), ("notice pref", "/notifications/preferences")):
        await page.keyboard.press("Control+k")
        await page.get_by_role("combobox", name="Search or jump to").fill(words)
        await expect(page.locator("#palette").get_by_role("option")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(portal + path)


async def test_compute_that_is_away_costs_only_its_parts(open_page: Open, world: World) -> None:
    world.broken = {"thresholds"}
    threshold(world, "t")
    page = await open_page("/alerts")
    await expect(page.locator("#alerts")).to_contain_text("Compute does not answer at the moment.")
    world.broken = set()
    await page.locator("#firing").get_by_role("button", name="Try again").click()
    await expect(page.locator("#firing")).to_contain_text("All is well.")
