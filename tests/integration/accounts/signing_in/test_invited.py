"""Signing up by an invitation: an account, a membership and a session at once; once, and for the invited address."""

import asyncio
from pathlib import Path

import pytest
from tests.integration.accounts.signing_in.conftest import PASSWORD, Someone, World, a_world
from tests.integration.notifications.postbox import Postbox

from fogbank.accounts.client import AccountsClient, OrganizationView
from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem


async def invited(world: World, email: str) -> tuple[str, str]:
    """An organisation, and the token of an invitation into it."""
    owner = await world.someone()
    client = AccountsClient(world.accounts.service.as_caller(owner.token))
    made = await client.service.post("/api/v1/organizations", {"name": "Acme"}, as_=OrganizationView)
    again = await world.holding(owner.session)
    answer = await world.http.post(
        f"/api/v1/organizations/{made.id}/invitations", json={"email": email, "role": "member"}, headers=again.headers
    )
    assert answer.status_code == 201
    link = answer.json()["link"]
    return made.id, link.partition("token=")[2] if link else await world.token_mailed_to(email)


async def me(world: World, someone: Someone) -> tuple[str, dict[str, str], bool, bool]:
    view = await world.accounts.as_caller(someone.token).me()
    return view.email, view.organizations, view.is_email_confirmed, view.has_chosen_password


async def test_who_is_invited_by_mail_has_an_account_and_is_in(world: World) -> None:
    email = world.new_address()
    org_id, token = await invited(world, email)
    session = await world.door.sign_up_invited(token, "Bea", PASSWORD, world.browser())
    assert await me(world, await world.holding(session)) == (email, {org_id: "member"}, True, True)
    assert await world.enter(email)
    assert "user.signed_up" in await world.acts_of(session.user_id)


async def test_a_weak_password_leaves_the_invitation_good_and_it_works_once(world: World) -> None:
    email = world.new_address()
    _, token = await invited(world, email)
    with pytest.raises(Problem) as weak:
        await world.door.sign_up_invited(token, "Bea", "0123456789", world.browser())
    assert weak.value.kind == "weak-password"
    attempts = (world.door.sign_up_invited(token, "Bea", PASSWORD, world.browser()) for _ in range(5))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in results) == 1
    with pytest.raises(Problem) as spent:
        await world.door.sign_up_invited(token, "Bea", PASSWORD, world.browser())
    assert spent.value.status == 410


async def test_who_has_an_account_accepts_by_signing_in(world: World) -> None:
    ann = await world.someone()
    _, token = await invited(world, ann.email)
    with pytest.raises(Problem) as taken:
        await world.door.sign_up_invited(token, "Ann", PASSWORD, world.browser())
    assert (taken.value.status, taken.value.kind) == (409, "email-taken")


async def test_it_works_where_nobody_else_signs_up_and_without_mail_proves_no_address(
    database: Database, postbox: Postbox, tmp_path: Path
) -> None:
    async with a_world(database, postbox, tmp_path, SignInTerms(), has_mail=False) as closed:
        email = closed.new_address()
        org_id, token = await invited(closed, email)
        session = await closed.door.sign_up_invited(token, "Bea", PASSWORD, closed.browser())
        assert await me(closed, await closed.holding(session)) == (email, {org_id: "member"}, False, True)


async def test_a_link_that_was_handed_over_proves_nothing_once_mail_can_be_sent(
    database: Database, postbox: Postbox, tmp_path: Path
) -> None:
    async with a_world(database, postbox, tmp_path, SignInTerms(), has_mail=False) as silent:
        _, token = await invited(silent, silent.new_address())
    async with a_world(database, postbox, tmp_path, SignInTerms()) as mailing:
        with pytest.raises(Problem) as refused:
            await mailing.door.sign_up_invited(token, "Bea", PASSWORD, mailing.browser())
        assert refused.value.status == 403
