"""Recovery codes: each good once, stored as hashes, and every use is told."""

import pytest
from tests.integration.factors.conftest import World

from fogbank.runtime.problems import Problem


async def test_each_code_is_good_once_however_it_is_typed_and_its_use_is_told(world: World) -> None:
    person = await world.person()
    _, codes = await world.with_totp(person)
    assert await world.check(person, "recovery", codes[3].upper().replace("-", " "))
    assert not await world.check(person, "recovery", codes[3])
    assert (await world.told(person))[-1] == "One of your recovery codes was used; 9 of them are left."
    assert (await world.acts(person))[-1] == "recovery_code.used"
    assert (await person.api.mine()).recovery_codes_left == 9


async def test_nobody_elses_code_is_good(world: World) -> None:
    one, other = await world.person(), await world.person()
    _, codes = await world.with_totp(one)
    await world.with_totp(other)
    assert not await world.check(other, "recovery", codes[0])
    assert await world.check(one, "recovery", codes[0])


async def test_new_codes_end_those_before_them(world: World) -> None:
    person = await world.person()
    _, old = await world.with_totp(person)
    new = (await person.api.renew_recovery_codes()).recovery_codes
    assert not set(old) & set(new)
    assert not await world.check(person, "recovery", old[0])
    assert await world.check(person, "recovery", new[0])


async def test_there_are_none_without_what_they_stand_in_for(world: World) -> None:
    person = await world.person()
    with pytest.raises(Problem) as none:
        await person.api.renew_recovery_codes()
    assert (none.value.status, none.value.kind) == (409, "no-second-factor")
    _, codes = await world.with_totp(person)
    await person.api.remove_totp()
    assert await world.methods(person) == frozenset()
    assert not await world.check(person, "recovery", codes[0])


async def test_no_code_is_stored(world: World) -> None:
    person = await world.person()
    _, codes = await world.with_totp(person)
    plain = codes[0].replace("-", "")
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT r::text FROM accounts.recovery_codes r WHERE user_id = %s", [person.id])
        stored = [str(text) for (text,) in await rows.fetchall()]
    assert len(stored) == 10
    assert not any(plain in text or plain.encode().hex() in text for text in stored)
