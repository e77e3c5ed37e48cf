"""Members: an organisation always has an owner, and nobody gains a role above their giver's, whatever the order."""

import asyncio
from random import Random

import pytest
from tests.integration.accounts.conftest import PASSWORD, Person, World
from tests.integration.accounts.teams import asks, kind_of, put_in, roles_in, team

from fogbank.accounts.client.permissions import Role, allowed_to

ROLES = [role.value for role in Role]


async def test_owners_who_leave_at_the_same_time_leave_one(world: World) -> None:
    org_id, owners = await team(world, "owner", "owner", "owner")
    answers = await asyncio.gather(
        *(asks(world, each, "DELETE", f"/organizations/{org_id}/members/{each.id}") for each in owners)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 204, 204, 409]
    assert list((await roles_in(world, org_id)).values()) == ["owner"]


async def test_owners_who_unmake_each_other_leave_one(world: World) -> None:
    org_id, [first, second] = await team(world, "owner")
    await asyncio.gather(
        asks(world, first, "PUT", f"/organizations/{org_id}/members/{second.id}", {"role": "viewer"}),
        asks(world, second, "PUT", f"/organizations/{org_id}/members/{first.id}", {"role": "viewer"}),
    )
    assert "owner" in (await roles_in(world, org_id)).values()


async def test_nobody_is_put_into_an_organisation_by_its_members(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await world.person()
    answer = await asks(world, owner, "PUT", f"/organizations/{org_id}/members/{person.id}", {"role": "viewer"})
    assert answer.status_code == 404
    assert person.id not in await roles_in(world, org_id)


async def test_an_administrator_gives_a_reason_for_what_is_not_theirs(world: World) -> None:
    org_id, [_, member] = await team(world, "member")
    administrator = await world.person(is_administrator=True)
    path = f"/organizations/{org_id}/members/{member.id}"
    refused = await asks(world, administrator, "PUT", path, {"role": "viewer"})
    assert (refused.status_code, kind_of(refused)) == (422, "reason-needed")
    given = {"fogbank-reason": "asked by telephone"}
    assert (await asks(world, administrator, "PUT", path, {"role": "viewer"}, **given)).status_code == 200


async def test_nobody_who_closed_their_account_is_put_into_an_organisation(world: World) -> None:
    org_id, [_] = await team(world)
    gone = await world.person()
    closing = {"fogbank-reason": "asked by telephone"}
    administrator = await world.person(is_administrator=True)
    closed = await asks(world, administrator, "POST", f"/accounts/{gone.id}/close", {}, **closing)
    assert closed.status_code == 200
    path = f"/organizations/{org_id}/members/{gone.id}"
    assert (await asks(world, administrator, "PUT", path, {"role": "owner"}, **closing)).status_code == 404
    assert gone.id not in await roles_in(world, org_id)


@pytest.mark.parametrize("seed", range(3))
async def test_any_sequence_of_changes_keeps_an_owner_and_gives_nobody_more_than_the_giver_had(
    world: World, seed: int
) -> None:
    chance = Random(seed)
    org_id, people = await team(world, *(chance.choice(ROLES) for _ in range(3)))
    for _ in range(25):
        before = await roles_in(world, org_id)
        actor, target = chance.choice(people), chance.choice(people)
        role = chance.choice([*ROLES, None])
        answer = await changed(world, org_id, actor, target, role)
        after = await roles_in(world, org_id)
        assert "owner" in after.values()
        assert answer < 500
        for user_id, gained in after.items():
            if gained != before.get(user_id):
                assert allowed_to(Role(gained)) <= allowed_to(Role(before[actor.id])), (before, after)


async def changed(world: World, org_id: str, actor: Person, target: Person, role: str | None) -> int:
    path = f"/organizations/{org_id}/members/{target.id}"
    if role is None:
        return (await asks(world, actor, "DELETE", path)).status_code
    return (await asks(world, actor, "PUT", path, {"role": role})).status_code


async def test_ownership_is_offered_by_an_owner_and_taken_by_the_other(world: World) -> None:
    org_id, [owner, member, other] = await team(world, "member", "viewer")
    path = f"/organizations/{org_id}/ownership-offer"
    assert (await asks(world, member, "POST", path, {"user_id": other.id})).status_code == 403
    assert (await asks(world, owner, "POST", path, {"user_id": member.id})).status_code == 201
    assert kind_of(await asks(world, owner, "POST", path, {"user_id": other.id})) == "offer-open"
    assert kind_of(await asks(world, other, "POST", f"{path}/accept")) == "offer-ended"
    assert (await asks(world, member, "POST", f"{path}/accept")).status_code == 200
    assert await roles_in(world, org_id) == {owner.id: "admin", member.id: "owner", other.id: "viewer"}
    assert kind_of(await asks(world, member, "POST", f"{path}/accept")) == "offer-ended"


async def test_an_offer_of_ownership_ends_with_the_ownership(world: World) -> None:
    org_id, [owner, second, member] = await team(world, "owner", "member")
    path = f"/organizations/{org_id}/ownership-offer"
    assert (await asks(world, owner, "POST", path, {"user_id": member.id})).status_code == 201
    await put_in(world, org_id, owner, "viewer")
    assert kind_of(await asks(world, member, "POST", f"{path}/accept")) == "offer-ended"
    assert (await asks(world, second, "POST", path, {"user_id": member.id})).status_code == 201


async def test_an_offer_can_be_withdrawn_and_declined(world: World) -> None:
    org_id, [owner, member, other] = await team(world, "member", "viewer")
    path = f"/organizations/{org_id}/ownership-offer"
    for who in (owner, member):
        assert (await asks(world, owner, "POST", path, {"user_id": member.id})).status_code == 201
        assert (await asks(world, other, "DELETE", path)).status_code == 403
        assert (await asks(world, who, "DELETE", path)).status_code == 204
        assert kind_of(await asks(world, member, "POST", f"{path}/accept")) == "offer-ended"


async def test_an_administrator_says_why_they_withdraw_an_offer_of_others(world: World) -> None:
    org_id, [owner, member] = await team(world, "member")
    path = f"/organizations/{org_id}/ownership-offer"
    assert (await asks(world, owner, "POST", path, {"user_id": member.id})).status_code == 201
    administrator = await world.person(is_administrator=True)
    assert kind_of(await asks(world, administrator, "DELETE", path)) == "reason-needed"
    assert (await asks(world, member, "GET", path)).status_code == 200
    given = {"fogbank-reason": "the owner's account was stolen"}
    assert (await asks(world, administrator, "DELETE", path, **given)).status_code == 204
    activity = await asks(world, owner, "GET", f"/accounts/{org_id}/activity?action=ownership.withdrawn")
    assert [each["reason"] for each in activity.json()["activities"]] == [given["fogbank-reason"]]


async def test_what_requires_a_second_factor_is_closed_to_who_has_none_until_they_have_one(world: World) -> None:
    org_id, [owner, member] = await team(world, "member")
    session = await world.accounts.sign_in(member.email, PASSWORD, "192.0.2.1")
    path = f"/organizations/{org_id}/second-factor"
    refused = await asks(world, owner, "PUT", path, {"is_required": True})
    assert (refused.status_code, kind_of(refused)) == (409, "second-factor-missing")
    await give_factor(world, owner)
    assert (await asks(world, member, "PUT", path, {"is_required": True})).status_code == 403
    answer = await asks(world, owner, "PUT", path, {"is_required": True})
    assert answer.json() == {"is_required": True, "members_without": [member.id]}
    member = await known_by(world, member, session.session_token)
    assert (await asks(world, member, "GET", f"/organizations/{org_id}")).status_code == 404
    [told] = (await asks(world, member, "GET", "/memberships")).json()
    assert (told["org_id"], told["role"]) == (org_id, "member")
    assert (told["counts_as"], told["needs_second_factor"]) == (None, True)
    await give_factor(world, member)
    member = await known_by(world, member, session.session_token)
    assert (await asks(world, member, "GET", f"/organizations/{org_id}")).status_code == 200


async def known_by(world: World, person: Person, session_token: str) -> Person:
    """The same person, by a fresh token for a session that was opened before."""
    token = await world.accounts.token_for_session(session_token)
    return Person(person.id, person.email, token.access_token)


async def give_factor(world: World, person: Person) -> None:
    async with world.database.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO accounts.totp_seeds
                (user_id, is_confirmed, key_id, sealed, created_at, confirmed_at, last_step)
            VALUES (%s, true, 'k', '\\x00', now(), now(), 0)
            """,
            [person.id],
        )
