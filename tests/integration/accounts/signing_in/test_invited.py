"""Signing up by an invitation: an account, a membership and a session at once; once, and for the invited address."""

import asyncio
from pathlib import Path

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, Someone, World, a_world
from tests.integration.accounts.signing_in.test_addresses import a_passkey, key_of
from tests.integration.notifications.postbox import Postbox

from fogbank.accounts.client import AccountsClient, OrganizationView
from fogbank.accounts.factors import passkey_store
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


async def test_whose_the_address_is_gets_it_back_whole_from_who_signed_up_by_a_link_that_was_handed_over(
    database: Database, postbox: Postbox, tmp_path: Path
) -> None:
    """Without mail whoever invites an address can sign up as it, and wait for its owner."""
    async with a_world(database, postbox, tmp_path, SignInTerms(), has_mail=False) as silent:
        email = silent.new_address()
        _, token = await invited(silent, email)
        inviter = await silent.holding(await silent.door.sign_up_invited(token, "Eve", PASSWORD, silent.browser()))
        made = await silent.someone()
        keys = [await key_of(silent, each) for each in (inviter, made)]
        async with silent.database.transaction() as tx:
            for each in (inviter, made):
                await passkey_store.insert_once(tx, a_passkey(each.id, silent.clock()))
    async with a_world(database, postbox, tmp_path, SignInTerms()) as mailing:
        for address in (email, made.email):
            await mailing.door.ask_reset(address, mailing.browser())
            await mailing.door.finish_reset(await mailing.token_mailed_to(address), OTHER_PASSWORD, mailing.browser())
        me = [await mailing.http.get("/api/v1/users/me", headers={"x-api-key": key}) for key in keys]
        assert [answer.status_code for answer in me] == [401, 200]
        async with mailing.database.connection() as connection:
            left = [await passkey_store.of_user(connection, each.id) for each in (inviter, made)]
        assert [len(each) for each in left] == [0, 1]
        assert (await mailing.enter(email, OTHER_PASSWORD)).id == inviter.id
