"""The door of the whole product, in a real browser: e-mails, a first password, resets, addresses, invitations."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from tests.e2e.portal.town import (
    ADMINISTRATORS_PASSWORD,
    PASSWORD,
    Town,
    new_address,
    running_town,
    sign_in,
    sign_out,
)

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(scope="module")
async def town(browser: Browser) -> AsyncIterator[Town]:
    async with running_town(browser) as town:
        yield town
        assert town.leaks == [], "no request tells a token by where it comes from"


async def test_the_first_administrator_is_asked_for_a_password_and_never_trapped(town: Town) -> None:
    async with town.page() as page:
        token = town.up.ready["sign_in_url"].partition("?")[2]
        await page.goto(f"/sign-in?{token}")
        await page.wait_for_url("**/usage*")
        await expect(page.get_by_text("Choose a password of your own.")).to_be_visible()
        await page.get_by_role("link", name="Choose one").click()
        await page.get_by_role("textbox", name="Password").fill("abcdefghijkl")
        await page.get_by_role("button", name="Set my password").click()
        await expect(page.locator("#password-fault")).to_contain_text("follows the alphabet")
        await page.get_by_role("button", name="Not now").click()
        await page.wait_for_url("**/usage*")
        await expect(page.get_by_text("Choose a password of your own.")).to_have_count(0)
        await page.goto("/welcome")
        await page.get_by_role("textbox", name="Password").fill(ADMINISTRATORS_PASSWORD)
        await page.get_by_role("button", name="Set my password").click()
        await page.wait_for_url("**/usage*")
        await sign_out(page)
        await sign_in(page, town.up.ready["email"], ADMINISTRATORS_PASSWORD)
        await page.wait_for_url("**/usage*")


async def test_whoever_signs_up_confirms_their_address_and_chooses_the_password(town: Town) -> None:
    async with town.page() as page:
        address = await town.sign_up(page)
        await sign_out(page)
        await sign_in(page, address, "not my password")
        await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        await sign_in(page, address)
        await page.wait_for_url("**/usage")
        await page.goto(await town.mailed(address, "/sign-up/confirm"))
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Make my account").click()
        await expect(page.get_by_role("alert")).to_contain_text("used already")
        await expect(page.get_by_role("link", name="Sign up again")).to_be_visible()


async def test_a_sign_in_keeps_a_cookie_by_which_the_device_is_known(town: Town) -> None:
    async with town.page() as page:
        await town.sign_up(page)
        kept = {each["name"]: each for each in await page.context.cookies()}
        assert kept["fogbank-device"]["httpOnly"]
        assert kept["fogbank-device"]["sameSite"] == "Lax"
        await sign_out(page)
        names = {each["name"] for each in await page.context.cookies()}
        assert "fogbank-device" in names, "the device stays known"
        assert "fogbank" not in names


async def test_a_forgotten_password_is_chosen_anew_by_a_link_that_signs_nobody_in(town: Town) -> None:
    address = await town.new_person()
    async with town.page() as page:
        await page.goto("/sign-in")
        await page.get_by_role("link", name="Forgot your password?").click()
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Send me the link").click()
        link = await town.mailed(address, "/reset")
        await page.goto(link)
        await page.get_by_role("textbox", name="Password").fill("short")
        await page.get_by_role("button", name="Set password").click()
        await expect(page.locator("#password-fault")).to_contain_text("at least 10 characters")
        await page.get_by_role("textbox", name="Password").fill("seven brown kettles")
        await page.get_by_role("button", name="Set password").click()
        await expect(page.get_by_role("status")).to_contain_text("Your password is changed")
        await page.goto("/usage")
        await expect(page).to_have_title("Sign in · Fogbank")
        await sign_in(page, address, "seven brown kettles")
        await page.wait_for_url("**/usage")
        await page.goto(link)
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Set password").click()
        await expect(page.get_by_role("alert")).to_contain_text("used already")


async def test_an_address_without_an_account_is_told_the_same(town: Town) -> None:
    async with town.page() as page:
        await page.goto("/forgot")
        await page.get_by_label("E-mail").fill(new_address())
        await page.get_by_role("button", name="Send me the link").click()
        await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()


async def test_a_new_address_is_confirmed_and_undone_by_a_press_and_not_by_looking(town: Town) -> None:
    async with town.page() as page:
        old, new = await town.sign_up(page), new_address()
        async with town.api(page.context) as api:
            me = (await api.get("/users/me")).json()["id"]
            asked = {"email": new, "current_password": PASSWORD}
            (await api.put(f"/users/{me}/email", json=asked)).raise_for_status()
        link = await town.mailed(new, "/address/confirm")
        async with httpx.AsyncClient(base_url=town.url) as scanner:
            assert (await scanner.get(link)).status_code == 200
        await page.goto(link)
        await page.get_by_role("button", name="Confirm this address").click()
        await expect(page.get_by_role("status")).to_contain_text("has this address now")
        await page.goto("/usage")
        await expect(page.get_by_role("complementary")).to_contain_text(new)
        await page.goto(await town.mailed(old, "/address/undo"))
        await page.get_by_role("button", name="Give the account back").click()
        await expect(page.get_by_role("status")).to_contain_text("its old address again")
        await page.goto("/usage")
        await expect(page).to_have_title("Sign in · Fogbank")
        await page.goto(await town.mailed(old, "/reset"))
        await page.get_by_role("textbox", name="Password").fill("seven brown kettles")
        await page.get_by_role("button", name="Set password").click()
        await sign_in(page, old, "seven brown kettles")
        await page.wait_for_url("**/usage")


async def test_whoever_is_invited_makes_an_account_and_is_a_member(town: Town) -> None:
    address = new_address()
    async with town.page() as page:
        await page.goto(await _invited(town, address))
        await expect(page.get_by_role("region")).to_contain_text(f"invites {address} to")
        await page.get_by_label("Your name").fill("Ida Holm")
        await page.get_by_role("textbox", name="Password").fill("aaaaaaaaaaaa")
        await page.get_by_role("button", name="Make my account, and join").click()
        await expect(page.locator("#password-fault")).to_contain_text("repeats itself")
        await expect(page.get_by_label("Your name")).to_have_value("Ida Holm")
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Make my account, and join").click()
        await page.wait_for_url("**/usage")
        await expect(page.get_by_role("complementary")).to_contain_text("Member")


async def test_whoever_has_the_address_signs_in_and_joins_and_nobody_else_does(town: Town) -> None:
    address = await town.new_person()
    link = await _invited(town, address)
    async with town.page() as page:
        other = await town.sign_up(page)
        await page.goto(link)
        await expect(page.get_by_role("region")).to_contain_text(f"you are signed in as {other}")
        await expect(page.get_by_role("button", name="Join")).to_have_count(0)
        await page.get_by_role("button", name=f"Sign out, and go on as {address}").click()
        await page.get_by_role("link", name="I have an account: sign in").click()
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("button", name="Join").click()
        await page.wait_for_url("**/usage?account=org_*")
        await expect(page.get_by_role("complementary")).to_contain_text("Member")
        await page.goto(link)
        await expect(page.get_by_role("alert")).to_contain_text("good no longer")


async def test_whoever_is_suspended_is_at_the_door_and_told_whom_to_ask(town: Town) -> None:
    async with town.page() as page, town.page() as administrators:
        address = await town.sign_up(page)
        await sign_in(administrators, town.up.ready["email"], ADMINISTRATORS_PASSWORD)
        await administrators.wait_for_url("**/usage*")
        async with town.api(administrators.context) as api:
            [user] = (await api.get("/users", params={"email": address})).json()["users"]
            (await api.patch(f"/users/{user['id']}", json={"status": "suspended"})).raise_for_status()
        await page.goto("/alerts")
        await expect(page).to_have_title("Sign in · Fogbank")
        await sign_in(page, address)
        await expect(page.get_by_role("alert")).to_contain_text("or the account is suspended")


async def test_the_door_works_without_scripts(town: Town) -> None:
    address = await town.new_person()
    async with town.page(has_scripts=False) as page:
        await sign_in(page, address)
        await page.wait_for_url("**/usage")
        await page.goto("/sign-in")
        await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


async def _invited(town: Town, address: str) -> str:
    """The link of an invitation that the administrator sends to `address`."""
    async with town.page() as page:
        await sign_in(page, town.up.ready["email"], ADMINISTRATORS_PASSWORD)
        await page.wait_for_url("**/usage*")
        async with town.api(page.context) as api:
            [org_id] = (await api.get("/users/me")).json()["organizations"]
            body = {"email": address, "role": "member"}
            (await api.post(f"/organizations/{org_id}/invitations", json=body)).raise_for_status()
    return await town.mailed(address, "/invitations")
