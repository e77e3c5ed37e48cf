"""A page that is open follows what happens, by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]


async def test_figures_follow_without_a_reload(open_page: Open, world: Any) -> None:
    page = await open_page()
    await expect(page.locator("#pulse")).to_contain_text("Live")
    world.balance, world.per_hour = "1203.98", "7.40"
    await expect(page.locator("#balance .value")).to_have_text("€1,203.98")
    await expect(page.locator("#rate .value")).to_have_text("€7.40/hour")


async def test_the_first_readings_appear_by_themselves(open_page: Open, world: Any) -> None:
    world.is_new = True
    page = await open_page()
    await expect(page.get_by_text("First reading arrives in about 30 s")).to_be_visible()
    await expect(page.locator("#pulse")).to_contain_text("Live")
    world.is_new = False
    await expect(page.locator("#chart .column")).to_have_count(30)
    await expect(page.locator(".instances tbody tr")).to_have_count(8)


async def test_moved_costs_reach_the_chart_while_somebody_reads_it(open_page: Open, world: Any) -> None:
    page = await open_page()
    await expect(page.locator("#pulse")).to_contain_text("Live")
    await page.get_by_role("application").focus()
    await page.keyboard.press("End")
    before = await page.locator(".tip .total").inner_text()
    world.now = world.now.replace(hour=16)
    await expect(page.locator(".tip .total")).not_to_have_text(before)
    await expect(page.locator(".tip")).to_contain_text("Wed 25 Nov · so far")


async def test_a_session_that_ends_closes_the_page(open_page: Open, world: Any) -> None:
    page = await open_page()
    await expect(page.locator("#pulse")).to_contain_text("Live")
    world.has_session = False
    world.now += timedelta(minutes=5)
    await expect(page).to_have_title("Sign in · Fogbank")


async def test_a_stream_ends_when_the_process_stops(portal: str, stop_portal: Callable[[], None]) -> None:
    async with (
        httpx.AsyncClient(base_url=portal, cookies={"fogbank": "session-1"}) as client,
        client.stream("GET", "/live?figures") as stream,
    ):
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: figures"
        stop_portal()
        async with asyncio.timeout(10):
            assert [line async for line in lines][-1] == ""
