"""The way of an alert through the whole product: set on its page, it fires, and the bell rings in the open page."""

from playwright.async_api import Browser, expect
from tests.e2e.starting import running_up

from fogbank.runtime.embedded import temporary_directory

RINGS_MS = 90_000
QUICK = {"FOGBANK_AGENT_INTERVAL_SECONDS": "2", "FOGBANK_BILLING_INTERVAL_SECONDS": "1"}


async def test_an_alert_that_is_set_fires_and_rings_the_bell(browser: Browser) -> None:
    with temporary_directory() as data_dir:
        async with running_up(data_dir, **QUICK) as up:
            context = await browser.new_context(locale="en-GB")
            page = await context.new_page()
            await page.goto(up.ready["sign_in_url"])
            await page.wait_for_url("**/usage*")
            origin = page.url.partition("/usage")[0]

            await page.goto(f"{origin}/alerts/new?resource=balance")
            await page.get_by_label("Warn when it falls to").fill("1000")
            await page.get_by_role("button", name="Set alert").click()
            await expect(page.get_by_text("The alert is set.")).to_be_visible()
            await expect(page.locator("#alerts .alert")).to_contain_text("Balance falls to")

            await expect(page.locator("#bell .count")).to_have_text("1", timeout=RINGS_MS)
            await expect(page.locator("#firing")).to_contain_text("Balance fell to")
            await page.locator("#bell summary").click()
            await expect(page.locator("#bell .notice")).to_contain_text("is below its limit")
            await page.locator("#bell").get_by_role("button", name="Mark all as read").click()
            await expect(page.locator("#bell .count")).to_be_hidden()

            await page.goto(f"{origin}/notifications/preferences")
            await page.get_by_label("Alerts by E-mail").uncheck()
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("Saved. From now on you are told so.")).to_be_visible()
            await page.reload()
            await expect(page.get_by_label("Alerts by E-mail")).not_to_be_checked()

            await page.goto(f"{origin}/webhooks/new")
            await page.get_by_label("URL").fill("https://127.0.0.1/hook")
            await page.get_by_role("button", name="Make webhook").click()
            await expect(page.locator("#url-fault")).to_be_visible()
            await page.get_by_label("URL").fill("https://hooks.example.com/in")
            await page.get_by_role("button", name="Make webhook").click()
            await expect(page.locator("#secret")).to_contain_text("whsec_")
            await page.get_by_role("link", name="I have it").click()
            await expect(page.get_by_role("button", name="Send a test")).to_be_visible()
            await context.close()
