"""The first minute, as a newcomer sees it in a browser: this machine's usage appears, and its balance falls."""

from decimal import Decimal

from playwright.async_api import Browser, Page, expect
from tests.e2e.starting import running_up

from fogbank.runtime.embedded import temporary_directory

FIRST_READING_MS = 60_000
QUICK = {"FOGBANK_AGENT_INTERVAL_SECONDS": "2", "FOGBANK_BILLING_INTERVAL_SECONDS": "1"}


async def balance(page: Page) -> Decimal:
    """The balance as the page shows it, small digits included."""
    figure = page.locator("[data-live=balance]").first
    fine = page.locator("[data-live=balance-fine]").first
    text = await figure.inner_text() + (await fine.inner_text() if await fine.count() else "")
    return Decimal("".join(character for character in text if character.isdigit() or character == "."))


async def test_the_sign_in_link_opens_this_machines_usage_and_the_balance_falls_without_a_reload(
    browser: Browser,
) -> None:
    with temporary_directory() as data_dir:
        async with running_up(data_dir, **QUICK) as up:
            context = await browser.new_context(locale="en-GB")
            page = await context.new_page()
            await page.goto(up.ready["sign_in_url"])
            await page.wait_for_url("**/usage*")
            await expect(page.get_by_text("running", exact=True)).to_be_visible(timeout=FIRST_READING_MS)
            first = await balance(page)
            assert Decimal(24) < first <= Decimal(25)
            shown = page.locator("[data-live=balance-fine]").first
            await expect(shown).not_to_have_text(await shown.inner_text(), timeout=FIRST_READING_MS)
            assert await balance(page) < first
            await context.close()
