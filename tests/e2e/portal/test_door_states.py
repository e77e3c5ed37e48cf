"""Every state of the door: for everybody, on every screen, and always with a next step."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.e2e.conftest import launched
from tests.e2e.portal.stand_in.door import AUTH, OFFER, STEP
from tests.e2e.portal.test_access import violations
from tests.e2e.portal.world import EMAIL, NOW, PASSWORD, USER, World

from fogbank.runtime.problems import Problem

pytestmark = pytest.mark.browser

Open = Callable[..., Awaitable[Page]]
RELOADED = "Failed to load resource"  # Chromium reports refusals itself

SPENT = Problem(401, "wrong-credentials", "These credentials are wrong.")
AWAY = Problem(503, "service-unavailable", "It is away.")
SHOW = "/api/v1/invitations:show"
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "sign in": (
        "/sign-in",
        {"is_open": True, "issuers": [{"id": "issuer_1", "name": "A directory of a quite long name of its own"}]},
    ),
    "sign up": ("/sign-up", {"is_open": True}),
    "sign-up closed": ("/sign-up", {}),
    "choose a password": ("/sign-up/confirm?token=t", {}),
    "choose a password without a link": ("/sign-up/confirm", {}),
    "forgot": ("/forgot", {}),
    "forgot without a mail server": ("/forgot", {"mail": {"is_ready": False}}),
    "reset": ("/reset?token=t", {}),
    "confirm an address": ("/address/confirm?token=t", {}),
    "undo an address": ("/address/undo?token=t", {}),
    "invitation": ("/invitations?token=t", {}),
    "invitation that ended": ("/invitations?token=t", {SHOW: Problem(410, "invitation-ended", "It ended.")}),
}
SIGNED_IN_STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "welcome": ("/welcome", {"person": {"has_chosen_password": False}}),
    "invitation": ("/invitations?token=t", {}),
    "invitation for another": ("/invitations?token=t", {SHOW: {**OFFER, "email": "ada@x.example", "expires_at": NOW}}),
    "asked on a page": ("/alerts", {"person": {"has_chosen_password": False}}),
}


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
async def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_heavy(
    theme: str, width: int, open_page: Open, world: World
) -> None:
    world.expected_in_console = RELOADED
    for states, is_in in ((STATES, False), (SIGNED_IN_STATES, True)):
        page = await open_page("/sign-in", theme=theme, width=width, signed_in=is_in)
        for name, (path, answers) in states.items():
            world.door.clear()
            world.door.update(answers)
            await page.goto(path)
            assert (name, await violations(page)) == (name, [])
            assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0, name
            sizes = await page.evaluate(
                "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
                ".map((entry) => entry.encodedBodySize)"
            )
            assert sum(sizes) < 60 * 1024, name
            if not is_in:
                assert await page.get_by_role("main").get_by_role("link").or_(page.get_by_role("button")).count(), name


async def test_the_second_step_is_for_everybody_too(open_page: Open, world: World) -> None:
    world.refusal = STEP
    for theme, width in (("light", 1280), ("dark", 360)):
        page = await open_page("/sign-in", theme=theme, width=width, signed_in=False)
        await enter(page)
        await expect(page.get_by_label("Code")).to_be_focused()
        assert await violations(page) == []
        await page.get_by_role("link", name="Use a recovery code").click()
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0


async def test_a_whole_sign_in_takes_no_mouse(open_page: Open, world: World) -> None:
    world.refusal = STEP
    page = await open_page("/sign-in", signed_in=False)
    await page.keyboard.type(EMAIL)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Code")).to_be_focused()
    await page.keyboard.type("123456")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/usage")
    asked = world.posted[f"{AUTH}/sessions:second-factor"]
    assert (asked["challenge"], asked["method"], asked["code"]) == ("c-1", "totp", "123456")


async def test_whoever_leaves_the_second_step_is_at_the_door_and_the_challenge_is_gone(
    open_page: Open, world: World
) -> None:
    world.refusal = STEP
    page = await open_page("/sign-in", signed_in=False)
    await enter(page)
    await page.get_by_role("button", name="Sign in as somebody else").click()
    await expect(page).to_have_title("Sign in · Fogbank")
    await page.goto("/sign-in/second-factor")
    await expect(page.get_by_role("alert")).to_contain_text("Begin again")


async def test_the_device_is_shown_at_the_next_sign_in(open_page: Open, world: World) -> None:
    page = await open_page("/sign-up/confirm?token=t", signed_in=False)
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Make my account").click()
    await page.wait_for_url("**/usage")
    world.refusal = STEP
    await page.goto("/sign-in")
    await enter(page)
    await page.get_by_label("Code").fill("123456")
    await page.get_by_role("button", name="Go on").click()
    await page.wait_for_url("**/usage")
    assert world.posted[f"{AUTH}/sessions:second-factor"]["device_token"] == "device-1"


async def test_a_held_up_code_says_how_long_and_leaves_the_other_ways(open_page: Open, world: World) -> None:
    world.refusal, world.expected_in_console = STEP, RELOADED
    world.door[f"{AUTH}/sessions:second-factor"] = Problem(429, "x", "No.", headers={"retry-after": "240"})
    page = await open_page("/sign-in", signed_in=False)
    await enter(page)
    await page.get_by_label("Code").fill("1")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("alert")).to_have_text("Too many attempts. Try again in 4 minutes.")
    await expect(page.get_by_role("link", name="Use a recovery code")).to_be_visible()


async def test_without_a_mail_server_it_says_how_to_get_a_link(open_page: Open, world: World) -> None:
    world.door["mail"] = {"is_ready": False}
    page = await open_page("/forgot", signed_in=False)
    await expect(page.get_by_role("main")).to_contain_text("fogbank people sign-in-link")
    await expect(page.get_by_label("E-mail")).to_have_count(0)


async def test_a_mail_server_that_goes_away_meanwhile_is_said_as_well(open_page: Open, world: World) -> None:
    world.expected_in_console = RELOADED
    world.door[f"{AUTH}/password-resets"] = Problem(503, "no-mail", "None can be sent.")
    page = await open_page("/forgot", signed_in=False)
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_role("main")).to_contain_text(f"fogbank people sign-in-link {EMAIL}")


async def test_closed_sign_up_is_nowhere_offered_and_says_why(open_page: Open) -> None:
    page = await open_page("/sign-in", signed_in=False)
    await expect(page.get_by_role("link", name="Make an account")).to_have_count(0)
    await page.goto("/sign-up")
    await expect(page.get_by_role("main")).to_contain_text("made by invitation here")


async def test_what_is_away_keeps_the_password_way_open(open_page: Open, world: World) -> None:
    world.expected_in_console = RELOADED
    world.broken = {"accounts"}
    page = await open_page("/sign-in", signed_in=False)
    await enter(page)
    await expect(page.get_by_role("alert")).to_have_text(
        "Signing in does not work at the moment. Nothing is lost; try again soon."
    )
    await expect(page.get_by_label("E-mail")).to_have_value(EMAIL)


async def test_whoever_wants_to_choose_later_is_not_asked_again_soon(open_page: Open, world: World) -> None:
    world.door["person"] = {"has_chosen_password": False}
    page = await open_page("/alerts")
    await page.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()
    await expect(page.get_by_text("Choose a password of your own.")).to_have_count(0)


async def test_an_hour_after_a_link_the_present_password_is_asked_for(open_page: Open, world: World) -> None:
    world.door["person"], world.expected_in_console = {"has_chosen_password": False}, RELOADED
    password = f"/api/v1/users/{USER}/password"
    world.door[password] = SPENT
    page = await open_page("/welcome")
    await page.get_by_role("textbox", name="Password").fill("five tall chimneys")
    await page.get_by_role("button", name="Set my password").click()
    await expect(page.locator("#current-fault")).to_be_visible()
    del world.door[password]
    await page.get_by_label("The password you have now").fill(PASSWORD)
    await page.get_by_role("textbox", name="Password", exact=True).fill("five tall chimneys")
    await page.get_by_role("button", name="Set my password").click()
    await page.wait_for_url("**/usage")
    assert world.posted[password] == {"new_password": "five tall chimneys", "current_password": PASSWORD}


async def test_no_page_of_the_door_tells_its_address_and_none_is_stored(portal: str, world: World) -> None:
    async with httpx.AsyncClient(base_url=portal) as client:
        for name, (path, answers) in STATES.items():
            world.door.clear()
            world.door.update(answers)
            headers = (await client.get(path)).headers
            assert headers["referrer-policy"] == "strict-origin", name
            assert headers["cache-control"] == "no-store", name


async def test_over_plain_http_a_form_of_the_door_is_known_to_be_ours(browser: Browser, portal: str) -> None:
    """There browsers say by `Origin` alone whence a form comes; `no-referrer` would have them say `null`."""
    named = await launched(browser.browser_type, "--host-resolver-rules=MAP fog.test 127.0.0.1")
    page = await named.new_page()
    await page.goto(f"{portal.replace('127.0.0.1', 'fog.test')}/sign-in?token=link-once")
    await page.wait_for_url("**/usage")
    await named.close()


async def test_looking_spends_nothing(portal: str, world: World) -> None:
    async with httpx.AsyncClient(base_url=portal) as scanner:
        for path, answers in STATES.values():
            world.door.clear()
            world.door.update(answers)
            await scanner.head(path)
            await scanner.get(path)
    assert set(world.posted) <= {SHOW}, "an invitation is shown, and stays good"


async def test_passkeys_are_not_offered_where_no_browser_makes_any(open_page: Open) -> None:
    page = await open_page("/sign-in", signed_in=False)  # at an address in digits
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


async def test_all_of_it_posts_without_scripts(browser: Browser, portal: str, world: World) -> None:
    context = await browser.new_context(java_script_enabled=False, base_url=portal)
    page = await context.new_page()
    await page.goto("/sign-in?token=link-once")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/usage")
    await page.goto("/sign-up/confirm?token=t")
    await page.get_by_label("Password").last.fill(PASSWORD)
    await page.get_by_role("button", name="Make my account").click()
    await page.wait_for_url("**/usage")
    world.refusal = STEP
    await page.goto("/sign-in")
    await enter(page)
    await page.get_by_role("link", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill("abcd")
    await page.get_by_role("button", name="Go on").click()
    await page.wait_for_url("**/usage")
    assert world.posted[f"{AUTH}/sessions:second-factor"]["method"] == "recovery"
    await context.close()


async def enter(page: Page) -> None:
    """Fill in the door's form, and press its button."""
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
