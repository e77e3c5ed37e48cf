"""Sessions and the steps to one: listed, ended, told apart; second factors; guessing that is slowed down."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.integration.accounts.signing_in.conftest import PASSWORD, World, a_world
from tests.integration.notifications.postbox import Postbox

from fogbank.accounts.client import Browser
from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem


async def test_a_session_says_where_and_how_it_was_opened(world: World) -> None:
    ann = await world.someone()
    session = await world.door.by_password(ann.email, PASSWORD, Browser("192.0.2.44", "Opera/9"))
    holding = await world.holding(session)
    listed = await world.door.as_caller(holding.token).sessions()
    own = next(each for each in listed if each.is_current)
    assert (own.id, own.address, own.agent, own.method) == (session.session_id, "192.0.2.44", "Opera/9", "password")
    assert len(listed) == 2


async def test_use_is_noted_to_the_minute(world: World) -> None:
    ann = await world.someone()
    world.clock.forward(timedelta(minutes=7, seconds=31))
    again = await world.holding(ann.session)
    [own] = await world.door.as_caller(again.token).sessions()
    assert own.last_seen_at == world.clock().replace(second=0)
    assert own.created_at < own.last_seen_at


async def test_one_and_all_others_are_ended_and_the_own_one_stays(world: World) -> None:
    ann = await world.someone()
    phone, laptop = await world.enter(ann.email), await world.enter(ann.email)
    door = world.door.as_caller(ann.token)
    await door.end_session(phone.session.session_id)
    assert [await world.is_open(each.session) for each in (ann, phone, laptop)] == [True, False, True]
    await door.end_other_sessions()
    assert [await world.is_open(each.session) for each in (ann, phone, laptop)] == [True, False, False]
    assert "session.ended" in await world.acts_of(ann.id)


async def test_somebody_elses_session_is_not_there(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    with pytest.raises(Problem) as refused:
        await world.door.as_caller(bob.token).end_session(ann.session.session_id)
    assert refused.value.status == 404
    assert await world.is_open(ann.session)
    assert [each.id for each in await world.door.as_caller(bob.token).sessions()] == [bob.session.session_id]


async def test_a_sliding_session_goes_with_its_use_and_an_absolute_one_does_not(
    database: Database, postbox: Postbox, tmp_path: Path
) -> None:
    for lifetime, days_open in (("absolute", 14), ("sliding", 90)):
        terms = SignInTerms(session_lifetime=lifetime)
        async with a_world(database, postbox, tmp_path / lifetime, terms) as world:
            ann = await world.someone()
            days = 0
            while await world.is_open(ann.session):
                world.clock.forward(timedelta(days=1))
                days += 1
            assert days == days_open
            assert ann.session.expires_at - timedelta(days=days_open) <= world.clock()


async def test_a_second_factor_is_asked_after_the_password_and_opens(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    with pytest.raises(Problem) as asked:
        await world.door.by_password(ann.email, PASSWORD, world.browser())
    assert (asked.value.status, asked.value.kind) == (401, "second-factor-needed")
    assert asked.value.extra["methods"] == ["totp"]
    challenge = asked.value.extra["challenge"]
    session = await world.door.by_second_factor(challenge, "totp", world.browser(), code="123456")
    assert await world.is_open(session)
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.by_second_factor(challenge, "totp", world.browser(), code="123456")


async def challenge_to(world: World, email: str) -> str:
    with pytest.raises(Problem) as asked:
        await world.door.by_password(email, PASSWORD, world.browser())
    return str(asked.value.extra["challenge"])


async def test_a_challenge_takes_five_answers(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    challenge = await challenge_to(world, ann.email)
    lefts = []
    for _ in range(5):
        with pytest.raises(Problem) as wrong:
            await world.door.by_second_factor(challenge, "totp", world.browser(), code="000000")
        lefts.append(wrong.value.extra["attempts_left"])
    assert lefts == [4, 3, 2, 1, 0]
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.by_second_factor(challenge, "totp", world.browser(), code="123456")


async def test_a_challenge_lasts_five_minutes(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    challenge = await challenge_to(world, ann.email)
    world.clock.forward(timedelta(minutes=5))
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.by_second_factor(challenge, "totp", world.browser(), code="123456")


async def test_a_challenge_is_one_persons(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    world.factors.codes |= {ann.id: "111111", bob.id: "222222"}
    challenge = await challenge_to(world, ann.email)
    with pytest.raises(Problem) as wrong:
        await world.door.by_second_factor(challenge, "totp", world.browser(), code="222222")
    assert wrong.value.kind == "wrong-second-factor"


async def test_a_challenge_answered_twice_at_once_opens_one_session(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    challenge = await challenge_to(world, ann.email)
    before = len(await world.opened.sign_in.sessions.of(ann.id))
    answers = (world.door.by_second_factor(challenge, "totp", world.browser(), code="123456") for _ in range(5))
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in results) == 1
    assert len(await world.opened.sign_in.sessions.of(ann.id)) == before + 1


async def test_an_unknown_user_costs_one_check_as_a_known_one_does(world: World) -> None:
    ann = await world.someone()
    await world.opened.sign_in.passwords.matches("x", None)
    for email in (ann.email, world.new_address()):
        before = world.hasher.hashed, world.hasher.checked
        with pytest.raises(Problem, match="wrong"):
            await world.door.by_password(email, "not the password", world.browser())
        assert (world.hasher.hashed, world.hasher.checked) == (before[0], before[1] + 1)


async def test_unknown_addresses_are_slowed_down_as_known_ones_are(world: World) -> None:
    ann, nobody = (await world.someone()).email, world.new_address()
    outcomes = []
    for email in (ann, nobody):
        statuses = []
        for _ in range(20):
            with pytest.raises(Problem) as refused:
                await world.door.by_password(email, "a guess", world.browser())
            statuses.append(refused.value.status)
        outcomes.append(statuses)
    assert outcomes[0] == outcomes[1]
    assert {401, 429} == set(outcomes[0])


async def test_a_known_device_is_let_in_while_many_guess(world: World) -> None:
    ann = await world.someone()
    for _ in range(20):
        with pytest.raises(Problem):
            await world.door.by_password(ann.email, "a guess", world.browser())
    with pytest.raises(Problem, match="try again"):
        await world.door.by_password(ann.email, PASSWORD, world.browser())
    session = await world.door.by_password(ann.email, PASSWORD, world.browser(ann.session.device_token))
    assert await world.is_open(session)


async def test_somebody_elses_device_token_helps_nobody(world: World) -> None:
    ann, attacker = await world.someone(), await world.someone()
    for _ in range(20):
        with pytest.raises(Problem):
            await world.door.by_password(ann.email, "a guess", world.browser())
    with pytest.raises(Problem, match="try again"):
        await world.door.by_password(ann.email, "a guess", world.browser(attacker.session.device_token))


async def test_refused_sign_ins_are_in_the_log_a_minute_at_a_time(world: World) -> None:
    ann = await world.someone()
    for _ in range(3):
        with pytest.raises(Problem):
            await world.door.by_password(ann.email, "a guess", world.browser())
    await world.opened.refused.write()
    await world.opened.refused.write()
    assert (await world.acts_of(ann.id)).count("session.refused") == 1


async def test_a_hash_of_older_parameters_is_renewed_by_signing_in(world: World) -> None:
    ann = await world.someone()
    older = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1),)).hash(PASSWORD)
    async with world.database.connection() as connection:
        await connection.execute("UPDATE accounts.users SET password_hash = %s WHERE id = %s", [older, ann.id])
    await world.enter(ann.email)
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT password_hash FROM accounts.users WHERE id = %s", [ann.id])
        [(stored,)] = await rows.fetchall()
    assert "t=1,p=1" in stored
    assert await world.enter(ann.email)


async def test_no_secret_of_a_session_is_stored_or_logged(world: World) -> None:
    ann = await world.someone()
    async with world.database.connection() as connection:
        rows = await connection.execute(
            "SELECT s::text FROM accounts.sessions s UNION ALL SELECT a::text FROM accounts.activity a"
        )
        texts = [text for (text,) in await rows.fetchall()]
    assert not any(ann.session.session_token in text or ann.session.device_token in text for text in texts)
