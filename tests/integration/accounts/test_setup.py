"""Setting up: what an installation starts with is there once, however often and by however many it is asked for."""

import asyncio

import pytest
from tests.integration.accounts.conftest import World

from fogbank.runtime.problems import Problem


async def test_it_makes_an_administrator_an_organisation_and_the_hosts_instance(world: World) -> None:
    made = await world.setup("host-1", "first@example.org")
    assert made.password is not None
    session = await world.accounts.sign_in("first@example.org", made.password, "192.0.2.1")
    token = await world.accounts.token_for_session(session.session_token)
    me = await world.accounts.as_caller(token.access_token).me()
    assert (me.is_administrator, me.organizations) == (True, {made.org_id: "owner"})
    [instance] = await world.accounts.instances(made.org_id)
    assert (instance.id, instance.user_id, instance.account_id) == ("host-1", made.user_id, made.org_id)


async def test_again_it_gives_the_same_with_a_new_link_and_no_password(world: World) -> None:
    first = await world.setup("host-2", "second@example.org")
    second = await world.setup("host-2", "second@example.org")
    assert (first.user_id, first.org_id, first.instance_id) == (second.user_id, second.org_id, second.instance_id)
    assert second.password is None
    assert first.sign_in_token != second.sign_in_token


async def test_asked_by_many_at_once_it_makes_one_of_each(world: World) -> None:
    made = await asyncio.gather(*(world.setup("host-3", "third@example.org") for _ in range(5)))
    assert len({(each.user_id, each.org_id, each.instance_id) for each in made}) == 1
    assert sum(each.password is not None for each in made) == 1


async def test_a_moved_host_keeps_its_organisation(world: World) -> None:
    first = await world.setup("host-4", "fourth@example.org")
    moved = await world.setup("host-4b", "fourth@example.org")
    assert moved.org_id == first.org_id


async def test_another_administrators_host_is_not_taken_over(world: World) -> None:
    await world.setup("host-5", "fifth@example.org")
    with pytest.raises(Problem) as refused:
        await world.setup("host-5", "sixth@example.org")
    assert (refused.value.status, refused.value.kind) == (409, "instance-taken")


async def test_only_services_set_up(world: World) -> None:
    administrator = await world.person(is_administrator=True)
    body = {"email": "x@example.org", "organization_name": "x", "instance_id": "x", "instance_name": "x"}
    assert (await world.http.post("/api/v1/setup", json=body, headers=administrator.headers)).status_code == 404
    assert (await world.http.post("/api/v1/setup", json=body)).status_code == 401
