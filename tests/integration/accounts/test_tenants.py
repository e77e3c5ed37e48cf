"""Tenants: everybody sees their own things and their organisations'; anything else does not exist for them."""

import pytest
from tests.integration.accounts import teams
from tests.integration.accounts.conftest import Person, World


async def team(world: World, role: str) -> tuple[Person, Person, str]:
    """An owner, somebody with `role`, and their organisation; both with tokens that know it."""
    org_id, [owner, other] = await teams.team(world, role)
    return owner, other, org_id


async def test_an_old_token_does_not_know_a_new_organisation(world: World) -> None:
    owner = await world.person()
    org_id = await world.organization(owner)
    assert (await world.http.get(f"/api/v1/organizations/{org_id}", headers=owner.headers)).status_code == 404
    owner = await world.again(owner)
    assert (await world.http.get(f"/api/v1/organizations/{org_id}", headers=owner.headers)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/accounts/{user}",
        "/api/v1/accounts/{org}",
        "/api/v1/users/{user}",
        "/api/v1/organizations/{org}",
        "/api/v1/organizations/{org}/members",
        "/api/v1/instances?account_id={user}",
        "/api/v1/instances?account_id={org}",
        "/api/v1/instances/{instance}",
        "/api/v1/users",
    ],
)
async def test_a_stranger_finds_nothing(world: World, path: str) -> None:
    owner, _, org_id = await team(world, "member")
    instance_id = f"i-{owner.id}"
    await world.accounts.create_instance(instance_id=instance_id, name="one", user_id=owner.id, org_id=org_id)
    stranger, administrator = await world.person(), await world.person(is_administrator=True)
    address = path.format(user=owner.id, org=org_id, instance=instance_id)
    refused = await world.http.get(address, headers=stranger.headers)
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:fogbank:problem:not-found")
    assert (await world.http.get(address, headers=administrator.headers)).status_code == 200


async def test_what_does_not_exist_looks_like_what_is_someone_elses(world: World) -> None:
    owner, _, org_id = await team(world, "member")
    stranger = await world.person()
    existing = (await world.http.get(f"/api/v1/accounts/{org_id}", headers=stranger.headers)).json()
    missing = (await world.http.get("/api/v1/accounts/org_none", headers=stranger.headers)).json()
    assert existing["detail"].replace(org_id, "org_none") == missing["detail"]
    assert existing.keys() == missing.keys()
    assert owner.id not in str(existing)


async def test_a_member_sees_the_organisation_its_account_and_its_instances(world: World) -> None:
    owner, member, org_id = await team(world, "viewer")
    await world.accounts.create_instance(instance_id=f"m-{org_id}", name="one", user_id=owner.id, org_id=org_id)
    account = await world.accounts.as_caller(member.token).account(org_id)
    assert (account.kind, account.status) == ("organization", "active")
    found = await world.accounts.as_caller(member.token).instances(org_id)
    assert [(each.id, each.account_id, each.user_id) for each in found] == [(f"m-{org_id}", org_id, owner.id)]
    assert await world.accounts.as_caller(member.token).instances() == found


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("billing", 403), ("viewer", 403)])
async def test_only_who_manages_members_changes_them(world: World, role: str, status: int) -> None:
    _, other, org_id = await team(world, role)
    third = await teams.put_in(world, org_id, await world.person(), "member")
    path = f"/api/v1/organizations/{org_id}/members/{third.id}"
    assert (await world.http.put(path, json={"role": "viewer"}, headers=other.headers)).status_code == status


async def test_an_admin_makes_no_owners_and_unmakes_none(world: World) -> None:
    owner, admin, org_id = await team(world, "admin")
    members = f"/api/v1/organizations/{org_id}/members"
    for user_id in (admin.id, owner.id):
        role = {"role": "owner" if user_id == admin.id else "viewer"}
        assert (await world.http.put(f"{members}/{user_id}", json=role, headers=admin.headers)).status_code == 403
    assert (await world.http.delete(f"{members}/{owner.id}", headers=admin.headers)).status_code == 403


async def test_an_organisation_keeps_an_owner(world: World) -> None:
    owner, other, org_id = await team(world, "member")
    members = f"/api/v1/organizations/{org_id}/members"
    refused = await world.http.delete(f"{members}/{owner.id}", headers=owner.headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fogbank:problem:last-owner")
    assert (
        await world.http.put(f"{members}/{other.id}", json={"role": "owner"}, headers=owner.headers)
    ).status_code == 200
    assert (await world.http.delete(f"{members}/{owner.id}", headers=owner.headers)).status_code == 204


async def test_a_role_that_was_taken_away_counts_at_once_even_with_an_old_token(world: World) -> None:
    owner, admin, org_id = await team(world, "admin")
    members = f"/api/v1/organizations/{org_id}/members"
    await world.http.put(f"{members}/{admin.id}", json={"role": "viewer"}, headers=owner.headers)
    refused = await world.http.put(f"{members}/{owner.id}", json={"role": "viewer"}, headers=admin.headers)
    assert refused.status_code == 403


async def test_anybody_may_leave(world: World) -> None:
    owner, viewer, org_id = await team(world, "viewer")
    left = await world.http.delete(f"/api/v1/organizations/{org_id}/members/{viewer.id}", headers=viewer.headers)
    assert left.status_code == 204
    members = await world.http.get(f"/api/v1/organizations/{org_id}/members", headers=owner.headers)
    assert [member["user_id"] for member in members.json()] == [owner.id]


async def test_nobody_registers_instances_for_someone_else(world: World) -> None:
    owner, viewer, org_id = await team(world, "viewer")
    stranger = await world.person()
    mine = {"id": f"x-{org_id}", "name": "x", "user_id": stranger.id, "org_id": org_id}
    assert (await world.http.post("/api/v1/instances", json=mine, headers=stranger.headers)).status_code == 404
    theirs = {**mine, "user_id": owner.id, "org_id": None}
    assert (await world.http.post("/api/v1/instances", json=theirs, headers=stranger.headers)).status_code == 404
    ours = {**mine, "user_id": viewer.id}
    assert (await world.http.post("/api/v1/instances", json=ours, headers=viewer.headers)).status_code == 403


async def test_an_instance_is_registered_once_and_stays_its_owners(world: World) -> None:
    first, second = await world.person(), await world.person()
    body = {"id": f"once-{first.id}", "name": "x", "user_id": first.id}
    answers = [await world.http.post("/api/v1/instances", json=body, headers=first.headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    taken = {**body, "user_id": second.id}
    assert (await world.http.post("/api/v1/instances", json=taken, headers=second.headers)).status_code == 409


async def test_nobody_makes_themselves_an_administrator(world: World) -> None:
    person = await world.person()
    path = f"/api/v1/users/{person.id}"
    assert (await world.http.patch(path, json={"is_administrator": True}, headers=person.headers)).status_code == 403
    renamed = await world.http.patch(path, json={"name": "New Name"}, headers=person.headers)
    assert (renamed.json()["name"], renamed.json()["is_administrator"]) == ("New Name", False)


async def test_an_address_is_one_users_only(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    body = {"email": person.email.upper(), "name": "Twin"}
    headers = {**administrator.headers, **teams.REASON}
    refused = await world.http.post("/api/v1/users", json=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fogbank:problem:email-taken")


async def test_pages_of_instances_join_without_gap_or_repeat(world: World) -> None:
    person = await world.person()
    for number in range(5):
        await world.accounts.create_instance(instance_id=f"p{number}-{person.id}", name="x", user_id=person.id)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        params = {"account_id": person.id, "limit": "2", "after": after}
        page = (await world.http.get("/api/v1/instances", params=params, headers=person.headers)).json()
        seen += [each["id"] for each in page["instances"]]
        after = page["next_cursor"]
    assert seen == [f"p{number}-{person.id}" for number in range(5)]
