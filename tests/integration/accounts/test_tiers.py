"""Resource tiers: administrators put instances into them, services follow, and each change is on record."""

from datetime import timedelta

import pytest
from tests.integration.accounts.conftest import World

from fogbank.accounts.client import TierChangeView
from fogbank.runtime.problems import Problem

REASON = "it has two accelerators"


async def test_an_instance_is_standard_until_an_administrator_says_otherwise(world: World) -> None:
    owner, administrator = await world.person(), await world.person(is_administrator=True)
    await world.accounts.create_instance(instance_id="tier-1", name="one", user_id=owner.id)
    as_owner, as_administrator = world.accounts.as_caller(owner.token), world.accounts.as_caller(administrator.token)
    assert [each.tier for each in await as_owner.instances()] == ["standard"]
    assert (await as_administrator.put_tier("tier-1", "gpu-large", REASON)).tier == "gpu-large"
    assert [each.tier for each in await as_owner.instances()] == ["gpu-large"]


async def test_services_follow_every_change_in_order_and_a_repeated_one_is_none(world: World) -> None:
    owner = await world.person()
    for name in ("tier-2", "tier-3"):
        await world.accounts.create_instance(instance_id=name, name=name, user_id=owner.id)
    begun = (await world.accounts.tiers_changed(0)).cursor
    first_at = world.clock.now
    await world.accounts.put_tier("tier-2", "gpu", REASON)
    await world.accounts.put_tier("tier-2", "gpu", REASON)
    world.clock.forward(timedelta(hours=-1))
    await world.accounts.put_tier("tier-2", "standard", REASON)
    await world.accounts.put_tier("tier-3", "gpu", REASON)
    followed = await world.accounts.tiers_changed(begun)
    assert followed.changes == [
        TierChangeView(begun + 1, "tier-2", "gpu", first_at),
        TierChangeView(begun + 2, "tier-2", "standard", first_at + timedelta(microseconds=1)),
        TierChangeView(begun + 3, "tier-3", "gpu", world.clock.now),
    ]
    world.clock.forward(timedelta(hours=1))
    assert (await world.accounts.tiers_changed(followed.cursor)).changes == []


async def test_a_change_is_in_the_activity_log_with_actor_reason_before_and_after(world: World) -> None:
    owner, administrator = await world.person(), await world.person(is_administrator=True)
    await world.accounts.create_instance(instance_id="tier-4", name="four", user_id=owner.id)
    await world.accounts.as_caller(administrator.token).put_tier("tier-4", "gpu", REASON)
    answer = await world.http.get("/api/v1/activity?subject=instance:tier-4", headers=administrator.headers)
    [entry] = answer.json()["activities"]
    assert (entry["actor_id"], entry["reason"]) == (administrator.id, REASON)
    assert (entry["before"], entry["after"]["tier"]) == ({"tier": "standard"}, "gpu")


async def test_nobody_else_changes_a_tier_or_follows_them(world: World) -> None:
    owner = await world.person()
    await world.accounts.create_instance(instance_id="tier-5", name="five", user_id=owner.id)
    as_owner = world.accounts.as_caller(owner.token)
    for refused in (as_owner.put_tier("tier-5", "gpu", REASON), as_owner.tiers_changed(0)):
        with pytest.raises(Problem) as problem:
            await refused
        assert problem.value.status == 404
    with pytest.raises(Problem, match="tier-0"):
        await world.accounts.put_tier("tier-0", "gpu", REASON)
    with pytest.raises(Problem) as problem:
        await world.accounts.put_tier("tier-5", "GPU; large", REASON)
    assert (problem.value.status, problem.value.extra["errors"][0]["field"]) == (422, "body.tier")
