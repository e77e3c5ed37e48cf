"""One-time codes: an app counts after its first code, each code once, and guessing is hopeless."""

import asyncio

import pytest
from tests.integration.factors.conftest import PASSWORD, World

from fogbank.accounts.errors import TooManyAttempts
from fogbank.runtime.problems import Problem


async def test_an_app_counts_from_its_first_code_on(world: World) -> None:
    person = await world.person()
    seed = await person.api.begin_totp()
    assert await world.methods(person) == frozenset()
    with pytest.raises(Problem, match="wrong") as wrong:
        await person.api.confirm_totp("000000" if world.code(seed.secret) != "000000" else "111111")
    assert (wrong.value.status, wrong.value.kind) == (403, "wrong-code")
    codes = await person.api.confirm_totp(world.code(seed.secret))
    assert len(set(codes.recovery_codes)) == 10
    assert await world.methods(person) == {"totp", "recovery"}
    assert await world.told(person) == ["From now on you can sign in with an app for one-time codes."]
    assert await world.acts(person) == ["second_factor.added"]


async def test_the_seed_is_shown_as_letters_as_a_link_and_as_a_picture_without_styles(world: World) -> None:
    person = await world.person()
    seed = await person.api.begin_totp()
    assert seed.uri.startswith(f"otpauth://totp/Fogbank%20at%20fog.example.com:{person.email.replace('@', '%40')}?")
    assert f"secret={seed.secret}" in seed.uri
    assert seed.qr_svg.startswith("<svg ")
    assert "style" not in seed.qr_svg
    assert seed.secret not in seed.qr_svg


async def test_the_seed_is_sealed_at_rest(world: World) -> None:
    person = await world.person()
    seed = await person.api.begin_totp()
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT sealed FROM accounts.totp_seeds WHERE user_id = %s", [person.id])
        [(sealed,)] = await rows.fetchall()
    assert seed.secret.encode() not in sealed


async def test_a_code_is_taken_once_and_none_from_before_it(world: World) -> None:
    person = await world.person()
    secret, _ = await world.with_totp(person)
    world.clock.forward(seconds=60)
    now, before = world.code(secret), world.code(secret, seconds=-30)
    assert await world.check(person, "totp", now)
    assert not await world.check(person, "totp", now)
    assert not await world.check(person, "totp", before)
    assert await world.check(person, "totp", world.code(secret, seconds=30))


async def test_the_code_that_confirmed_the_app_signs_nobody_in(world: World) -> None:
    person = await world.person()
    seed = await person.api.begin_totp()
    code = world.code(seed.secret)
    await person.api.confirm_totp(code)
    assert not await world.check(person, "totp", code)


async def test_a_code_is_taken_once_however_many_show_it_at_once(world: World) -> None:
    person = await world.person()
    secret, _ = await world.with_totp(person)
    code = world.code(secret)
    taken = await asyncio.gather(*(world.check(person, "totp", code) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]


async def test_clocks_may_be_one_step_apart_and_not_two(world: World) -> None:
    person = await world.person()
    secret, _ = await world.with_totp(person)
    world.clock.forward(minutes=5)
    assert not await world.check(person, "totp", world.code(secret, seconds=-60))
    assert not await world.check(person, "totp", world.code(secret, seconds=60))
    assert await world.check(person, "totp", world.code(secret, seconds=-30))
    assert await world.check(person, "totp", world.code(secret, seconds=30))


async def test_guessing_waits_longer_and_longer_and_the_owner_gets_in_by_a_recovery_code(world: World) -> None:
    person = await world.person()
    secret, recovery_codes = await world.with_totp(person)
    for _ in range(5):
        assert not await world.check(person, "totp", "not it")
    with pytest.raises(TooManyAttempts) as early:
        await world.check(person, "totp", world.code(secret))
    assert early.value.retry_after.total_seconds() == 60
    assert await world.check(person, "recovery", recovery_codes[0])
    world.clock.forward(minutes=1)
    assert not await world.check(person, "totp", "not it")
    with pytest.raises(TooManyAttempts) as later:
        await world.check(person, "totp", world.code(secret))
    assert later.value.retry_after.total_seconds() == 120
    world.clock.forward(minutes=2)
    assert await world.check(person, "totp", world.code(secret))
    assert not await world.check(person, "totp", "one slip costs nothing again")


async def test_a_new_app_takes_the_place_of_the_old_one_once_it_is_confirmed(world: World) -> None:
    person = await world.person()
    old, codes = await world.with_totp(person)
    assert codes
    seed = await person.api.begin_totp()
    assert await world.check(person, "totp", world.code(old))
    more = await person.api.confirm_totp(world.code(seed.secret))
    assert more.recovery_codes == [], "the ones they have are good still"
    world.clock.forward(seconds=60)
    assert not await world.check(person, "totp", world.code(old))
    assert await world.check(person, "totp", world.code(seed.secret))


async def test_a_seed_that_nobody_confirms_within_the_hour_is_gone(world: World) -> None:
    person = await world.person()
    seed = await person.api.begin_totp()
    world.clock.forward(hours=1)
    await person.api.confirm("password", code=PASSWORD)
    with pytest.raises(Problem) as gone:
        await person.api.confirm_totp(world.code(seed.secret))
    assert (gone.value.status, gone.value.kind) == (409, "nothing-to-confirm")
    await world.factors.factors.delete_ended()
    async with world.database.connection() as connection:
        left = await connection.execute("SELECT 1 FROM accounts.totp_seeds WHERE user_id = %s", [person.id])
        assert await left.fetchone() is None
