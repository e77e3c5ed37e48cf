"""What accounts tell by e-mail is written down with what it tells, and waits until notifications have it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, World

from fogbank.accounts.signing_in.letters import Letters
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http


def letters_of(world: World) -> Letters:
    assert world.opened.mailing.letters is not None
    return world.opened.mailing.letters


async def fail_after_writing(world: World) -> None:
    async with world.database.transaction() as tx:
        await letters_of(world).write_in(tx, "ann@mail.example", "password_changed", {"link": "https://x"})
        raise RuntimeError("the act fails")


async def test_who_is_told_of_a_new_password_is_told_though_notifications_were_away(world: World) -> None:
    ann = await world.someone()
    await world.delivered()
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    answer = await world.http.put(f"/api/v1/users/{ann.id}/password", json=body, headers=ann.headers)
    assert answer.status_code == 204
    async with in_memory_http(InMemoryTransport()) as nobody_there:
        away = replace(letters_of(world), notifications=NotificationsClient(ServiceHttp(nobody_there)))
        assert not await away.send_one(world.database)
    assert await world.letters() == 1
    assert await world.subjects(ann.email) == ["Your password was changed"]
    assert await world.letters() == 0


async def test_what_is_rolled_back_is_told_to_nobody(world: World) -> None:
    await world.delivered()
    with pytest.raises(RuntimeError, match="the act fails"):
        await fail_after_writing(world)
    assert await world.letters() == 0


async def test_what_became_of_ways_in_waits_while_notifications_are_away_and_goes_where_they_were_told_until_then(
    world: World,
) -> None:
    ann, elsewhere = await world.someone(), world.new_address()
    await world.delivered()
    async with world.database.transaction() as tx:
        await world.opened.mailing.notice_in(tx, ann.id, "A passkey was added.")
        await tx.execute("UPDATE accounts.users SET email = %s WHERE id = %s", [elsewhere, ann.id])
    async with in_memory_http(InMemoryTransport()) as nobody_there:
        away = replace(letters_of(world), notifications=NotificationsClient(ServiceHttp(nobody_there)))
        assert not await away.send_one(world.database)
    assert await world.subjects(ann.email) == ["Your account's security was changed"]
    assert await world.subjects(elsewhere) == []


async def test_a_link_that_waits_is_in_the_database_for_nobody_to_read(world: World) -> None:
    ann = await world.someone()
    await world.delivered()
    await world.door.ask_reset(ann.email, world.browser())
    async with world.database.connection() as connection:
        rows = await (await connection.execute("SELECT sealed FROM accounts.letters")).fetchall()
    await world.token_mailed_to(ann.email)
    assert [b"token" in bytes(sealed) or ann.email.encode() in bytes(sealed) for (sealed,) in rows] == [False]


async def test_one_that_nobody_takes_for_a_day_is_given_up(world: World) -> None:
    await world.delivered()
    async with world.database.transaction() as tx:
        await letters_of(world).write_in(tx, "ann@mail.example", "password_changed", {"link": "https://x"})
    async with in_memory_http(InMemoryTransport()) as nobody_there:
        away = replace(letters_of(world), notifications=NotificationsClient(ServiceHttp(nobody_there)))
        assert not await away.send_one(world.database)
        world.clock.forward(timedelta(days=1))
        assert await away.send_one(world.database)
    assert await world.letters() == 0
