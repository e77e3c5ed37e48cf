"""Resetting: whoever has the mailbox chooses a new password, once; every session ends, and they are told."""

import asyncio
from datetime import timedelta

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, Someone, World

from fogbank.runtime.problems import Problem


async def asked(world: World, someone: Someone) -> str:
    await world.door.ask_reset(someone.email, world.browser())
    return await world.token_mailed_to(someone.email)


async def test_a_new_password_ends_all_sessions_and_the_person_is_told(world: World) -> None:
    ann = await world.someone()
    other = await world.enter(ann.email)
    await world.door.finish_reset(await asked(world, ann), OTHER_PASSWORD, world.browser())
    assert not await world.is_open(ann.session)
    assert not await world.is_open(other.session)
    assert await world.subjects(ann.email) == ["Choose a new password", "Your password was changed"]
    with pytest.raises(Problem, match="wrong"):
        await world.door.by_password(ann.email, PASSWORD, world.browser())
    again = await world.enter(ann.email, OTHER_PASSWORD)
    me = await world.accounts.as_caller(again.token).me()
    assert (me.is_email_confirmed, me.has_chosen_password) == (True, True)
    assert "password.changed" in await world.acts_of(ann.id)


async def test_it_works_once_and_for_an_hour(world: World) -> None:
    ann = await world.someone()
    token = await asked(world, ann)
    await world.door.finish_reset(token, OTHER_PASSWORD, world.browser())
    late = await asked(world, ann)
    world.clock.forward(timedelta(hours=1))
    for spent in (token, late):
        with pytest.raises(Problem, match="no longer hold"):
            await world.door.finish_reset(spent, PASSWORD, world.browser())


async def test_one_reset_ends_all_others(world: World) -> None:
    ann = await world.someone()
    first, second = await asked(world, ann), await asked(world, ann)
    await world.door.finish_reset(second, OTHER_PASSWORD, world.browser())
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.finish_reset(first, PASSWORD, world.browser())


async def test_an_unknown_address_gets_the_same_answer_and_the_same_work_and_no_mail(world: World) -> None:
    known, unknown = (await world.someone()).email, world.new_address()
    answers, rows = [], []
    for email in (known, unknown):
        answer = await world.http.post("/api/v1/auth/password-resets", json={"email": email})
        answers.append((answer.status_code, answer.json()))
        async with world.database.connection() as connection:
            [(count,)] = await (await connection.execute("SELECT count(*) FROM accounts.password_resets")).fetchall()
            rows.append(count)
    assert answers[0] == answers[1]
    assert rows[1] == rows[0] + 1
    assert await world.subjects(known) == ["Choose a new password"]
    assert await world.subjects(unknown) == []


async def test_a_token_used_twice_at_once_sets_one_password(world: World) -> None:
    ann = await world.someone()
    token = await asked(world, ann)
    passwords = [f"{OTHER_PASSWORD} {number}" for number in range(5)]
    attempts = (world.door.finish_reset(token, password, world.browser()) for password in passwords)
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in results) == 1
    assert await world.subjects(ann.email) == ["Choose a new password", "Your password was changed"]


async def test_who_signs_in_while_the_password_is_reset_is_not_left_in(world: World) -> None:
    """Whichever comes first: no session of the old password is open once the new one is set."""
    for _ in range(5):
        ann = await world.someone()
        token = await asked(world, ann)
        results = await asyncio.gather(
            world.door.finish_reset(token, OTHER_PASSWORD, world.browser()),
            *(world.door.by_password(ann.email, PASSWORD, world.browser()) for _ in range(4)),
            return_exceptions=True,
        )
        assert not isinstance(results[0], BaseException)
        assert await world.opened.sign_in.sessions.of(ann.id) == []


async def test_a_reset_signs_nobody_in_and_the_second_factor_is_still_asked(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    await world.door.finish_reset(await asked(world, ann), OTHER_PASSWORD, world.browser())
    assert await world.opened.sign_in.sessions.of(ann.id) == []
    with pytest.raises(Problem) as refused:
        await world.door.by_password(ann.email, OTHER_PASSWORD, world.browser())
    assert refused.value.kind == "second-factor-needed"


async def test_who_reset_gets_in_while_others_guess_at_the_account(world: World) -> None:
    ann = await world.someone()
    token = await asked(world, ann)
    for _ in range(20):
        with pytest.raises(Problem):
            await world.door.by_password(ann.email, "a guess", world.browser())
    with pytest.raises(Problem) as slowed:
        await world.door.by_password(ann.email, PASSWORD, world.browser())
    assert slowed.value.status == 429
    reset = await world.door.finish_reset(token, OTHER_PASSWORD, world.browser())
    assert await world.door.by_password(ann.email, OTHER_PASSWORD, world.browser(reset.device_token))


async def test_a_suspended_person_resets_nothing(world: World) -> None:
    ann = await world.someone()
    token = await asked(world, ann)
    await world.accounts.service.patch(f"/api/v1/users/{ann.id}", {"status": "suspended"}, as_=dict)
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.finish_reset(token, OTHER_PASSWORD, world.browser())
    await world.door.ask_reset(ann.email, world.browser())
    assert len(await world.subjects(ann.email)) == 1
