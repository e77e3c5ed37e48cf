"""What a page must be whatever it shows: open to everybody, no wider than its window, with room for every name."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

ROOM_PX_MIN = 150
NARROWEST = """
    Math.min(...[...document.querySelectorAll("main .alert .said")].map((each) => each.clientWidth || Infinity))
"""


async def looks_well(page: Page, name: str) -> None:
    """axe finds nothing, nothing scrolls sideways, and no line's name is squeezed by what stands beside it."""
    found = (await Axe().run(page)).response["violations"]
    assert (name, [(each["id"], each["nodes"][0]["html"]) for each in found]) == (name, [])
    assert (name, await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) == (name, 0)
    assert (name, await page.evaluate(NARROWEST) >= ROOM_PX_MIN) == (name, True)
