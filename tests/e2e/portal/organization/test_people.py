"""People of an organisation, in a real browser over real accounts: invited, given roles, taken out; and who may not."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from tests.e2e.portal.house import Open
from tests.e2e.portal.organization.conftest import ACME, Office
from tests.integration.accounts.conftest import PASSWORD

pytestmark = pytest.mark.browser


async def test_somebody_is_invited_by_a_link_that_is_shown_once_and_joins(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    guest = await house.person("Tove Guest")
    await house.execute("UPDATE accounts.users SET email_confirmed_at = now() WHERE id = %s", guest.id)
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("link", name="Invite").click()
    await page.get_by_label("E-mail address").fill(guest.email)
    await page.get_by_label("Billing").check()
    await page.get_by_role("button", name="Invite", exact=True).click()
    link = await page.locator("#link").inner_text()
    assert "/invitations?token=" in link
    await page.get_by_role("link", name="I have it").click()
    await expect(page.locator("#invitations")).to_contain_text(guest.email)
    assert link not in await page.content()

    other = await open_page(guest, "/organization")
    await expect(other.locator("#waiting")).to_contain_text("Mira Lindqvist asks you to join as billing")
    await other.get_by_role("button", name=f"Join {ACME}").click()
    await expect(other.get_by_text("You are in. Welcome.")).to_be_visible()
    await expect(other.get_by_role("main")).to_contain_text("You are its billing, who pays")


async def test_an_invitation_that_waits_is_declined_and_the_address_can_be_invited_again(
    house: Office, open_page: Open
) -> None:
    org_id, [owner] = await house.acme()
    guest = await house.person("Tove Guest")
    await house.execute("UPDATE accounts.users SET email_confirmed_at = now() WHERE id = %s", guest.id)
    teams = await house.teams(owner)
    await teams.invite(org_id, guest.email, "member", key=f"first-{org_id}")
    page = await open_page(guest, "/organization/all")
    await page.get_by_role("button", name=f"Decline {ACME}").click()
    await expect(page.get_by_text("The invitation is declined.")).to_be_visible()
    await expect(page.locator("#waiting")).to_have_count(0)
    assert await teams.open_invitations(org_id) == []
    await teams.invite(org_id, guest.email, "member", key=f"second-{org_id}")


async def test_an_address_is_invited_once_and_the_refusal_stands_at_its_field(house: Office, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)  # Chromium reports the 409 itself
    org_id, [owner, admin] = await house.acme("admin")
    page = await open_page(owner, f"/organization/invitations/new?account={org_id}")
    await page.get_by_label("E-mail address").fill(admin.email)
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.locator("#email-fault")).to_contain_text("a member already")
    await page.get_by_label("E-mail address").fill("new.one@example.org")
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.locator("#link")).to_be_visible()


async def test_an_invitation_is_sent_again_and_taken_back(house: Office, open_page: Open) -> None:
    org_id, [owner] = await house.acme()
    await (await house.teams(owner)).invite(org_id, "late@example.org", "member", key=f"late-{org_id}")
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("button", name="Send again to late@example.org").click()
    await expect(page.locator("#link")).to_be_visible()
    await page.get_by_role("link", name="I have it").click()
    await page.get_by_role("button", name="Take back the invitation of late@example.org").click()
    await expect(page.get_by_text("The invitation is taken back.")).to_be_visible()
    await expect(page.locator("#invitations")).to_have_count(0)


async def test_a_role_is_changed_and_somebody_taken_out(house: Office, open_page: Open) -> None:
    org_id, [owner, member] = await house.acme("member")
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("link", name="Change Member Person").click()
    await page.get_by_label("Viewer").check()
    await page.get_by_role("button", name="Save role").click()
    await expect(page.get_by_text("The role is changed.")).to_be_visible()
    assert {each.role for each in await house.accounts.members(org_id)} == {"owner", "viewer"}
    await page.get_by_role("link", name="Change Member Person").click()
    await page.get_by_role("link", name="Take out").click()
    await page.get_by_role("button", name="Take out").click()
    await expect(page.get_by_text("They are no longer in the organisation.")).to_be_visible()
    assert [each.user_id for each in await house.accounts.members(org_id)] == [owner.id]
    assert member.id != owner.id


async def test_ownership_is_offered_and_accepted(house: Office, open_page: Open) -> None:
    org_id, [owner, admin] = await house.acme("admin")
    page = await open_page(owner, f"/organization?account={org_id}")
    await page.get_by_role("link", name="Offer ownership").click()
    await page.get_by_role("button", name="Offer ownership").click()
    await expect(page.get_by_text("The ownership is offered.")).to_be_visible()
    other = await open_page(admin, f"/organization?account={org_id}")
    await expect(other.get_by_text("Mira Lindqvist offers you their ownership.")).to_be_visible()
    await other.get_by_role("button", name="Become the owner").click()
    await expect(other.get_by_text("You are the owner now.")).to_be_visible()
    roles = {each.user_id: each.role for each in await house.accounts.members(org_id)}
    assert roles == {owner.id: "admin", admin.id: "owner"}


async def test_giving_ownership_away_takes_a_recent_proof_and_goes_on_where_it_was(
    house: Office, open_page: Open
) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner, _] = await house.acme("admin")
    house.clock.forward(timedelta(minutes=11))
    page = await open_page(owner, f"/organization/ownership?account={org_id}")
    await page.get_by_role("button", name="Offer ownership").click()
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("The ownership is offered.")).to_be_visible()


async def test_what_a_role_may_not_do_is_not_offered_and_the_page_says_who_may(house: Office, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner, viewer] = await house.acme("viewer")
    page = await open_page(viewer, f"/organization?account={org_id}")
    main = page.get_by_role("main")
    await expect(main).to_contain_text("People are invited and given roles by its owners and admins.")
    await expect(main).to_contain_text("It is closed for good by its owners.")
    for name in ("Invite", "Rename", "Require it", "Close it", "Offer ownership"):
        await expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    await expect(page.get_by_role("link", name="Change")).to_have_count(0)
    for path in ("invitations/new", "name", "second-factor", "close", "ownership", f"members/{owner.id}"):
        await page.goto(f"/organization/{path}?account={org_id}")
        await expect(page.get_by_role("heading", name="This did not work")).to_be_visible()
        await expect(page.get_by_role("link", name="Back")).to_be_visible()


async def test_an_act_for_an_organisation_that_one_is_not_in_touches_no_other(house: Office, open_page: Open) -> None:
    house.expected = ("Failed to load resource",)
    org_id, [owner, admin] = await house.acme("admin")
    strange, _ = await house.acme()
    page = await open_page(owner, f"/organization/members/{admin.id}?account={org_id}")
    await page.evaluate(
        "id => document.querySelector('form.stack').action = id", f"/organization/members/{admin.id}?account={strange}"
    )
    await page.get_by_label("Viewer").check()
    await page.get_by_role("button", name="Save role").click()
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert {each.role for each in await house.accounts.members(org_id)} == {"owner", "admin"}
