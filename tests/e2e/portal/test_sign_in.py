"""In and out of the portal, in a real browser."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from fogbank.runtime.problems import Problem

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_whoever_is_not_signed_in_goes_to_the_door_and_back(open_page: Open, portal: str) -> None:
    page = await open_page("/usage?range=7d", signed_in=False)
    await expect(page).to_have_title("Sign in · Fogbank")
    await page.get_by_label("E-mail").fill("mira@acme.example")
    await page.get_by_label("Password").fill("correct horse")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page).to_have_url(f"{portal}/usage?range=7d")
    await expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()


async def test_the_session_is_no_scripts_business(open_page: Open) -> None:
    page = await open_page("/sign-in?token=link-once", signed_in=False)
    await expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    assert "fogbank=" not in await page.evaluate("document.cookie")


async def test_a_wrong_password_and_a_throttle_are_said_in_plain_words(open_page: Open, world: Any) -> None:
    world.expected_in_console = "Failed to load resource"  # Chromium reports the 401 and 429 themselves
    page = await open_page("/sign-in", signed_in=False)

    async def attempt() -> None:
        await page.get_by_label("E-mail").fill("mira@acme.example")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Sign in", exact=True).click()

    await attempt()
    await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    await expect(page.get_by_label("E-mail")).to_have_value("mira@acme.example")
    world.refusal = Problem(429, "too-many-attempts", "No.", headers={"retry-after": "30"})
    await attempt()
    await expect(page.get_by_role("alert")).to_have_text("Too many attempts. Try again in 30 seconds.")


async def test_a_link_is_not_spent_by_looking_at_it_ahead(open_page: Open, portal: str, world: Any) -> None:
    async with httpx.AsyncClient(base_url=portal) as scanner:
        assert (await scanner.get("/sign-in?token=link-once")).status_code == 200
    assert not world.is_link_used
    page = await open_page("/sign-in?token=link-once", signed_in=False)
    await expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    assert world.is_link_used


async def test_a_used_link_says_so(open_page: Open, world: Any) -> None:
    world.is_link_used, world.expected_in_console = True, "Failed to load resource"
    page = await open_page("/sign-in?token=link-once", signed_in=False)
    await expect(page.get_by_role("alert")).to_contain_text("This link was used already")


async def test_signing_out_ends_the_session(open_page: Open, world: Any) -> None:
    page = await open_page()
    await page.get_by_role("complementary").get_by_label("Mira Lindqvist: your session").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_title("Sign in · Fogbank")
    assert "/api/v1/auth/sessions/current" in world.asked
    await page.goto("/usage")
    await expect(page).to_have_title("Sign in · Fogbank")


async def test_another_site_cannot_sign_anybody_out(portal: str) -> None:
    async with httpx.AsyncClient(base_url=portal, cookies={"fogbank": "session-1"}) as other:
        answer = await other.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
