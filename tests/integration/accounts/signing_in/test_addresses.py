"""Changing an address: the new one confirms, the old one is told and can undo it for seven days."""

import asyncio
from datetime import datetime, timedelta

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, Someone, World

from fogbank.accounts.factors import passkey_store
from fogbank.accounts.factors.model import Passkey
from fogbank.runtime.problems import Problem

REASON = {"fogbank-reason": "they lost the mailbox"}


async def ask(world: World, someone: Someone, email: str, password: str | None = PASSWORD) -> int:
    body = {"email": email, "current_password": password}
    answer = await world.http.put(f"/api/v1/users/{someone.id}/email", json=body, headers=someone.headers)
    return answer.status_code


async def changed(world: World, someone: Someone) -> str:
    """Their new address, confirmed."""
    email = world.new_address()
    assert await ask(world, someone, email) == 202
    await world.door.confirm_email_change(await world.token_mailed_to(email), world.browser())
    return email


async def key_of(world: World, someone: Someone) -> str:
    body = {"name": "a key", "scopes": ["accounts:read"]}
    answer = await world.http.post("/api/v1/api-keys", json=body, headers=someone.headers)
    return str(answer.json()["api_key"])


def a_passkey(user_id: str, now: datetime) -> Passkey:
    return Passkey(
        id=f"passkey_{user_id}",
        user_id=user_id,
        name="theirs",
        credential_id=user_id.encode(),
        public_key=b"",
        sign_count=0,
        transports=(),
        is_synced=False,
        created_at=now,
        last_used_at=None,
        regressed_at=None,
    )


async def test_it_is_the_accounts_once_the_new_address_confirms(world: World) -> None:
    ann, email = await world.someone(), world.new_address()
    await ask(world, ann, email)
    assert await world.enter(ann.email)
    await world.door.confirm_email_change(await world.token_mailed_to(email), world.browser())
    assert await world.enter(email)
    with pytest.raises(Problem, match="wrong"):
        await world.door.by_password(ann.email, PASSWORD, world.browser())
    assert await world.subjects(ann.email) == ["Your address was changed"]
    assert await world.is_open(ann.session)
    assert "email.changed" in await world.acts_of(ann.id)


async def test_it_takes_the_current_password(world: World) -> None:
    ann = await world.someone()
    assert await ask(world, ann, world.new_address(), None) == 401
    assert await ask(world, ann, world.new_address(), "not the password") == 401


async def test_the_old_address_undoes_it_and_whoever_did_it_is_out(world: World) -> None:
    ann = await world.someone()
    email = await changed(world, ann)
    intruder = await world.enter(email)
    await world.door.undo_email_change(await world.token_mailed_to(ann.email), world.browser())
    assert not await world.is_open(intruder.session)
    for address in (ann.email, email):
        with pytest.raises(Problem, match="wrong"):
            await world.door.by_password(address, PASSWORD, world.browser())
    reset = await world.token_mailed_to(ann.email)
    await world.door.finish_reset(reset, OTHER_PASSWORD, world.browser())
    assert (await world.enter(ann.email, OTHER_PASSWORD)).id == ann.id
    assert {"email.changed", "password.removed", "session.ended"} <= set(await world.acts_of(ann.id))


async def test_it_is_undone_for_seven_days_and_once(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    await changed(world, ann)
    await changed(world, bob)
    early, late = await world.token_mailed_to(ann.email), await world.token_mailed_to(bob.email)
    world.clock.forward(timedelta(days=6, hours=23))
    await world.door.undo_email_change(early, world.browser())
    world.clock.forward(timedelta(hours=1))
    for token in (early, late):
        with pytest.raises(Problem, match="no longer hold"):
            await world.door.undo_email_change(token, world.browser())


async def test_it_is_undone_also_after_it_was_changed_again(world: World) -> None:
    ann = await world.someone()
    second = await changed(world, ann)
    undo = await world.token_mailed_to(ann.email)
    await changed(world, await world.enter(second))
    await world.door.undo_email_change(undo, world.browser())
    reset = await world.token_mailed_to(ann.email)
    await world.door.finish_reset(reset, OTHER_PASSWORD, world.browser())
    assert (await world.enter(ann.email, OTHER_PASSWORD)).id == ann.id


async def test_whoever_took_it_over_does_not_get_it_back_by_an_address_of_theirs(world: World) -> None:
    """Changed twice, the address in between has a link to undo too; it would be the last word."""
    ann = await world.someone()
    theirs = await changed(world, ann)
    undo = await world.token_mailed_to(ann.email)
    await changed(world, await world.enter(theirs))
    undo_of_theirs = await world.token_mailed_to(theirs)
    await world.door.undo_email_change(undo, world.browser())
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.undo_email_change(undo_of_theirs, world.browser())
    reset = await world.token_mailed_to(ann.email)
    await world.door.finish_reset(reset, OTHER_PASSWORD, world.browser())
    assert (await world.enter(ann.email, OTHER_PASSWORD)).id == ann.id


async def test_undoing_leaves_no_way_in_that_whoever_did_it_made_around_then(world: World) -> None:
    ann = await world.someone()
    kept = await key_of(world, ann)
    world.clock.forward(timedelta(days=2))
    ann = await world.enter(ann.email)
    theirs = await key_of(world, ann)
    async with world.database.transaction() as tx:
        await passkey_store.insert_once(tx, a_passkey(ann.id, world.clock()))
    await changed(world, ann)
    await world.door.undo_email_change(await world.token_mailed_to(ann.email), world.browser())
    async with world.database.connection() as connection:
        assert await passkey_store.of_user(connection, ann.id) == []
    me = [await world.http.get("/api/v1/users/me", headers={"x-api-key": key}) for key in (kept, theirs)]
    assert [answer.status_code for answer in me] == [200, 401]


async def test_what_was_mailed_to_an_address_is_no_word_of_the_next_one(world: World) -> None:
    """Else a reset that was asked for before would confirm an address that nobody has shown to be theirs."""
    ann, administrator = await world.someone(), await world.someone(is_administrator=True)
    await world.door.ask_reset(ann.email, world.browser())
    reset = await world.token_mailed_to(ann.email)
    path, headers = f"/api/v1/users/{ann.id}/email", {**administrator.headers, **REASON}
    assert (await world.http.put(path, json={"email": world.new_address()}, headers=headers)).status_code == 202
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.finish_reset(reset, OTHER_PASSWORD, world.browser())


async def test_an_address_with_an_account_is_told_and_the_asker_is_not(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    assert await ask(world, ann, bob.email) == await ask(world, ann, world.new_address()) == 202
    assert await world.subjects(bob.email) == ["You have an account already"]


async def test_who_comes_to_have_it_first_keeps_it(world: World) -> None:
    ann, bob, email = await world.someone(), await world.someone(), world.new_address()
    tokens = []
    for each in (ann, bob):
        await ask(world, each, email)
        tokens.append(await world.token_mailed_to(email))
    confirms = (world.door.confirm_email_change(token, world.browser()) for token in tokens)
    results = await asyncio.gather(*confirms, return_exceptions=True)
    [refused] = [each for each in results if isinstance(each, Problem)]
    assert (refused.status, refused.kind) == (409, "email-taken")
    assert await world.enter(email)


async def test_a_new_address_confirms_within_a_day(world: World) -> None:
    ann, email = await world.someone(), world.new_address()
    await ask(world, ann, email)
    token = await world.token_mailed_to(email)
    world.clock.forward(timedelta(hours=24))
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.confirm_email_change(token, world.browser())


async def test_a_new_password_ends_a_change_that_waits(world: World) -> None:
    """Whoever asked for it may have been somebody else."""
    ann, email = await world.someone(), world.new_address()
    await ask(world, ann, email)
    token = await world.token_mailed_to(email)
    await world.door.ask_reset(ann.email, world.browser())
    await world.door.finish_reset(await world.token_mailed_to(ann.email), OTHER_PASSWORD, world.browser())
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.confirm_email_change(token, world.browser())


async def test_an_administrator_changes_anothers_at_once_with_a_reason(world: World) -> None:
    ann, administrator, email = await world.someone(), await world.someone(is_administrator=True), world.new_address()
    path, body = f"/api/v1/users/{ann.id}/email", {"email": email}
    assert (await world.http.put(path, json=body, headers=administrator.headers)).status_code == 422
    answer = await world.http.put(path, json=body, headers={**administrator.headers, **REASON})
    assert answer.status_code == 202
    assert (await world.enter(email)).id == ann.id
    assert await world.subjects(ann.email) == ["Your address was changed"]


async def test_nobody_changes_somebody_elses(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    body = {"email": world.new_address(), "current_password": PASSWORD}
    answer = await world.http.put(f"/api/v1/users/{ann.id}/email", json=body, headers=bob.headers)
    assert answer.status_code == 404
