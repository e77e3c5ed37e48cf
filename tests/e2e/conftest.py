"""A real browser for the pages: Debian's Chromium, which must be there where CHROMIUM_IS says `required`."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserType, async_playwright

CHROMIUM_ARGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if shutil.which("chromium") is None:
        if os.environ.get("CHROMIUM_IS") == "required":
            pytest.fail("Chromium is required here and not installed (Debian: apt-get install chromium)")
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await launched(playwright.chromium)
        yield browser
        await browser.close()


async def launched(chromium: BrowserType, *more: str) -> Browser:
    """A browser of its own, with more arguments."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return await chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_ARGS, *as_root, *more])
