"""Second steps, passkeys and other issuers at the door of the whole product, with Chromium's own authenticator."""

import json
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, expect
from tests.e2e.portal.town import PASSWORD, Town, new_address, running_town, sign_in, sign_out

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
MAKE_PASSKEY = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}"""
OLD_BROWSER = """
  delete PublicKeyCredential.parseRequestOptionsFromJSON;
  delete PublicKeyCredential.prototype.toJSON;
"""


@pytest_asyncio.fixture(scope="module")
async def town(browser: Browser) -> AsyncIterator[Town]:
    async with running_town(browser) as town:
        yield town
        assert town.leaks == [], "no request tells a token by where it comes from"


async def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """The browser has a device that keeps passkeys, and makes sure who holds it."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    made = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return devices, str(made["authenticatorId"])


async def add_passkey(page: Page, api: httpx.AsyncClient) -> list[str]:
    """A passkey of whoever is signed in, in the page's authenticator; their recovery codes."""
    options = (await api.post("/users/me/passkeys:begin")).raise_for_status().json()["public_key"]
    answer = json.loads(await page.evaluate(MAKE_PASSKEY, options))
    added = await api.post("/users/me/passkeys", json={"name": "laptop", "answer": answer})
    return list(added.raise_for_status().json()["recovery_codes"])


async def test_a_passkey_signs_in_alone_and_is_a_second_step_with_recovery_codes_beside_it(town: Town) -> None:
    async with town.page() as page:
        address = await town.sign_up(page)
        await with_authenticator(page)
        async with town.api(page.context) as api:
            codes = await add_passkey(page, api)
        await sign_out(page)
        await page.goto("/sign-in?next=%2Falerts")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url("**/alerts")

        await sign_out(page)
        await sign_in(page, address)
        await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        await page.get_by_role("button", name="Use a passkey").click()
        await page.wait_for_url("**/usage")

        await sign_out(page)
        await sign_in(page, address)
        await page.get_by_role("link", name="Use a recovery code").click()
        await page.get_by_label("Recovery code").fill("0000-0000-0000-0000")
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_role("alert")).to_contain_text("none of your recovery codes")
        await page.get_by_label("Recovery code").fill(codes[0])
        await page.get_by_role("button", name="Go on").click()
        await page.wait_for_url("**/usage")


async def test_a_browser_that_does_not_know_of_json_shows_passkeys_as_well(town: Town) -> None:
    async with town.page() as page:
        await town.sign_up(page)
        await with_authenticator(page)
        async with town.api(page.context) as api:
            await add_passkey(page, api)
        await sign_out(page)
        await page.add_init_script(OLD_BROWSER)
        await page.goto("/sign-in")
        assert await page.evaluate("PublicKeyCredential.parseRequestOptionsFromJSON === undefined")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url("**/usage")


async def test_a_passkey_that_was_taken_away_or_is_not_there_is_said_beside_its_button(town: Town) -> None:
    async with town.page() as page:
        await town.sign_up(page)
        devices, authenticator_id = await with_authenticator(page)
        async with town.api(page.context) as api:
            await add_passkey(page, api)
            [passkey] = (await api.get("/users/me/second-factors")).json()["passkeys"]
            (await api.delete(f"/users/me/passkeys/{passkey['id']}")).raise_for_status()
        await sign_out(page)
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("alert")).to_contain_text("opens no account here")
        await devices.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator_id})
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.locator("[data-passkey-problem]")).to_contain_text("No passkey was used")


async def test_an_apps_code_is_the_second_step_and_five_wrong_ones_begin_again(town: Town) -> None:
    async with town.page() as page:
        address = await town.sign_up(page)
        async with town.api(page.context) as api:
            seed = (await api.post("/users/me/totp")).raise_for_status().json()["secret"]
            code = pyotp.TOTP(seed).now()
            codes = (await api.post("/users/me/totp:confirm", json={"code": code})).raise_for_status().json()
        await sign_out(page)
        await sign_in(page, address)
        await page.get_by_label("Code").fill(code)
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_role("alert")).to_contain_text("was used before")
        await page.get_by_role("link", name="Use a recovery code").click()
        await page.get_by_label("Recovery code").fill(codes["recovery_codes"][0])
        await page.get_by_role("button", name="Go on").click()
        await page.wait_for_url("**/usage")
        await sign_out(page)
        await sign_in(page, address)
        await page.get_by_role("link", name="Use a recovery code").click()
        for _ in range(5):
            await page.get_by_label("Recovery code").fill("wrong")
            await page.get_by_role("button", name="Go on").click()
            await page.wait_for_load_state()
        await expect(page).to_have_title("Sign in · Fogbank")
        await expect(page.get_by_role("alert")).to_contain_text("Begin again")


async def test_whoever_an_issuer_vouches_for_comes_in_by_a_button_to_the_page_they_wanted(town: Town) -> None:
    await _have_issuer(town, admits_unknown=True)
    async with town.page() as page:
        address = new_address()
        await town.is_known_there(page, f"sub-{address}", {"email": address, "email_verified": True, "name": "Ida"})
        await page.goto("/sign-in?next=%2Fwebhooks")
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.wait_for_url("**/webhooks")
        await expect(page.get_by_role("complementary")).to_contain_text(address)
        assert "oidc" not in {each["name"] for each in await page.context.cookies()}, "what it came with is spent"


async def test_the_owner_of_an_address_confirms_an_identity_once(town: Town) -> None:
    await _have_issuer(town, admits_unknown=True)
    address = await town.new_person()
    async with town.page() as page:
        await town.is_known_there(page, f"sub-{address}", {"email": address, "email_verified": True})
        await page.goto("/sign-in")
        await page.get_by_role("button", name="Sign in with Example").click()
        await expect(page.get_by_role("status")).to_contain_text(f"{address} has an account here")
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("button", name="Yes, let Example open my account").click()
        await page.wait_for_url("**/usage")
        await sign_out(page)
        await page.goto("/sign-in")
        await page.get_by_role("button", name="Sign in with Example").click()
        await page.wait_for_url("**/usage")


async def test_an_identity_that_is_left_alone_opens_nothing(town: Town) -> None:
    await _have_issuer(town, admits_unknown=True)
    address = await town.new_person()
    async with town.page() as page:
        await town.is_known_there(page, f"sub-{address}", {"email": address, "email_verified": True})
        other = await town.sign_up(page)
        await page.goto("/sign-in")
        await page.get_by_role("button", name="Sign in with Example").click()
        await expect(page.get_by_role("heading", name="This is somebody else")).to_be_visible()
        await page.get_by_role("button", name="Leave it").click()
        await page.wait_for_url("**/usage")
        await expect(page.get_by_role("complementary")).to_contain_text(other)


async def test_a_sign_in_that_another_browser_began_ends_at_the_door(town: Town) -> None:
    await _have_issuer(town, admits_unknown=True)
    async with town.page() as page:
        await page.goto("/sign-in/oidc?state=somebody-elses&code=c")
        await expect(page.get_by_role("alert")).to_contain_text("not begun in this browser")
        await expect(page.get_by_label("E-mail")).to_be_visible()


async def test_what_an_issuer_refuses_is_said_with_the_other_ways_in_below(town: Town) -> None:
    await _have_issuer(town, admits_unknown=True)
    async with town.page() as page:
        await town.is_known_there(page, "sub-nobody", {"email": new_address(), "email_verified": False})
        await page.goto("/sign-in")
        await page.get_by_role("button", name="Sign in with Example").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not vouch for your address")
        await expect(page.get_by_role("button", name="Sign in with Example")).to_be_visible()


async def _have_issuer(town: Town, *, admits_unknown: bool) -> None:
    """The issuer next door is one of the product's."""
    async with httpx.AsyncClient(base_url=town.url) as client:
        known = (await client.get("/api/v1/auth/oidc/issuers")).json()["issuers"]
    if known:
        return
    async with town.page() as page:
        await page.goto(f"/sign-in?{town.up.ready['sign_in_url'].partition('?')[2]}")
        await page.wait_for_url("**/usage*")
        async with town.api(page.context) as api:
            await town.add_issuer(api, admits_unknown=admits_unknown)
