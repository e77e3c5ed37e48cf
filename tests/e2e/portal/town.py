"""The whole product at a name that passkeys can be made for, with a mail server and another issuer next to it."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from playwright.async_api import Browser, BrowserContext, Page, Request, Route
from tests.e2e.starting import Up, running_up
from tests.integration.notifications.postbox import Postbox, running_postbox
from tests.integration.oidc.issuer import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.ports import free_port

PASSWORD = "plum velvet harbour"
ADMINISTRATORS_PASSWORD = "nine quiet lanterns"
LINK = re.compile(r"http://localhost:\d+(/\S+\?token=[A-Za-z0-9_-]+)")
_numbers = count(1)


@dataclass
class Town:
    """What tests hold in their hands. `leaks` are requests that told a token by their `Referer`."""

    browser: Browser
    up: Up
    url: str
    postbox: Postbox
    provider: Provider
    leaks: list[str]

    @asynccontextmanager
    async def page(self, *, has_scripts: bool = True) -> AsyncIterator[Page]:
        """A browser that has never been here."""
        context = await self.browser.new_context(base_url=self.url, locale="en-GB", java_script_enabled=has_scripts)
        context.on("request", self._watch)
        yield await context.new_page()
        await context.close()

    def _watch(self, request: Request) -> None:
        if "token=" in request.headers.get("referer", ""):
            self.leaks.append(request.url)

    async def mailed(self, address: str, path: str) -> str:
        """The newest link to `path` in that mailbox, once it is there."""
        arrived = 0
        while True:
            letters = await self.postbox.wait_for(address, arrived + 1)
            arrived = len(letters)
            for letter in reversed(letters):
                body = letter.get_body(("plain",))
                for link in LINK.findall(body.get_content() if body is not None else ""):
                    if str(link).startswith(f"{path}?"):
                        return str(link)

    async def new_person(self) -> str:
        """Somebody who signed up, in a browser of their own; their address."""
        async with self.page() as page:
            return await self.sign_up(page)

    async def sign_up(self, page: Page) -> str:
        """Sign up as somebody new, whose password is `PASSWORD`; their address."""
        address = new_address()
        await page.goto("/sign-up")
        await page.get_by_label("Your name").fill("Ida Holm")
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Send me the link").click()
        await page.get_by_role("heading", name="Look into your mailbox").wait_for()
        await page.goto(await self.mailed(address, "/sign-up/confirm"))
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Make my account").click()
        await page.wait_for_url("**/usage")
        return address

    @asynccontextmanager
    async def api(self, context: BrowserContext) -> AsyncIterator[httpx.AsyncClient]:
        """The API, as whoever is signed in there."""
        [session] = [each["value"] for each in await context.cookies() if each["name"] == "fogbank"]
        async with httpx.AsyncClient(base_url=f"{self.url}/api/v1") as client:
            body = {"grant_type": "session", "session_token": session}
            token = (await client.post("/auth/token", json=body)).raise_for_status().json()["access_token"]
            client.headers.update({"authorization": f"Bearer {token}", "fogbank-reason": "for a test"})
            yield client

    async def add_issuer(self, api: httpx.AsyncClient, **more: Any) -> None:
        facts = {"name": "Example", "url": self.provider.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        (await api.post("/issuers", json={**facts, **more})).raise_for_status()

    async def is_known_there(self, page: Page, subject: str, claims: Mapping[str, Any]) -> None:
        """From now on the issuer knows whoever sits at this browser, and sends them back at once."""

        async def authorize(route: Route) -> None:
            returned = self.provider.browser_signs_in(route.request.url, subject, **claims)
            asked = parse_qs(urlsplit(route.request.url).query)
            await route.fulfill(status=302, headers={"location": f"{asked['redirect_uri'][0]}?{urlencode(returned)}"})

        await page.route(f"{self.provider.url}/authorize*", authorize)


def new_address() -> str:
    return f"ida{next(_numbers)}@mail.example"


async def sign_in(page: Page, address: str, password: str = PASSWORD) -> None:
    """Fill in the door's form, and press its button."""
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_role("textbox", name="Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    await page.get_by_role("complementary").get_by_label("your session").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in*")


@asynccontextmanager
async def running_town(browser: Browser) -> AsyncIterator[Town]:
    """A product of its own; its administrator has `ADMINISTRATORS_PASSWORD` once a test chose it."""
    port = free_port()
    async with running_postbox() as postbox, running_provider(time.time) as provider:
        settings = {
            "HTTP_PORT": str(port),
            "HTTP_PUBLIC_URL": f"http://localhost:{port}",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(postbox.port),
            "SMTP_TLS": "none",
            "ACCOUNTS_SIGN_UP": "open",
            "ACCOUNTS_BREACH_LIST_URL": "",
            "OIDC_ALLOW_PRIVATE": "127.0.0.0/8",
            "OIDC_PLAIN_HTTP": "allowed",
        }
        with temporary_directory() as data_dir:
            named = {f"FOGBANK_{name}": value for name, value in settings.items()}
            async with running_up(data_dir, **named) as up:
                yield Town(browser, up, f"http://localhost:{port}", postbox, provider, [])
