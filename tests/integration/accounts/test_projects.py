"""Projects and labels: what an organisation's costs are allocated to, by whom, since when."""

import asyncio

import pytest
from tests.integration.accounts.conftest import Person, World
from tests.integration.accounts.teams import asks, kind_of, team

from fogbank.accounts.client import InstanceProjectsView


async def project(world: World, person: Person, org_id: str, key: str) -> str:
    answer = await asks(world, person, "POST", f"/organizations/{org_id}/projects", {"key": key, "name": key.title()})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def instance(world: World, owner: Person, org_id: str | None, name: str) -> str:
    instance_id = f"{name}-{owner.id}"
    await world.accounts.create_instance(instance_id=instance_id, name=name, user_id=owner.id, org_id=org_id)
    return instance_id


async def changes(world: World, since: int = 0) -> InstanceProjectsView:
    params = {"changed_since": since, "limit": 1000}
    return await world.accounts.service.get("/api/v1/instances/projects", params=params, as_=InstanceProjectsView)


async def test_a_project_is_made_once_and_its_key_stays_its_own(world: World) -> None:
    org_id, [owner] = await team(world)
    path, body = f"/organizations/{org_id}/projects", {"key": "web-shop", "name": "Web shop"}
    answers = await asyncio.gather(*(asks(world, owner, "POST", path, body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await asks(world, owner, "POST", path, {**body, "name": "Another"})
    assert (other.status_code, kind_of(other)) == (409, "project-key-taken")


@pytest.mark.parametrize(("role", "status"), [("billing", 201), ("admin", 201), ("member", 403), ("viewer", 403)])
async def test_projects_are_made_by_who_pays(world: World, role: str, status: int) -> None:
    org_id, people = await team(world, role)
    body = {"key": "shop", "name": "Shop"}
    answer = await asks(world, people[1], "POST", f"/organizations/{org_id}/projects", body)
    assert answer.status_code == status


async def test_an_instance_is_in_one_project_since_a_known_instant(world: World) -> None:
    org_id, [owner] = await team(world)
    first, second = await project(world, owner, org_id, "one"), await project(world, owner, org_id, "two")
    instance_id = await instance(world, owner, org_id, "vm")
    before = (await changes(world)).cursor
    for chosen in (first, first, second, None):
        answer = await asks(world, owner, "PUT", f"/instances/{instance_id}/project", {"project_id": chosen})
        assert (answer.status_code, answer.json()["project_id"]) == (200, chosen)
    made = (await changes(world, before)).changes
    assert [(each.instance_id, each.project_id) for each in made] == [
        (instance_id, first),
        (instance_id, second),
        (instance_id, None),
    ]
    assert made[0].since < made[1].since < made[2].since


async def test_changes_are_numbered_in_the_order_of_their_commits(world: World) -> None:
    org_id, [owner] = await team(world)
    chosen = await project(world, owner, org_id, "many")
    instances = [await instance(world, owner, org_id, f"vm{number}") for number in range(8)]
    before = (await changes(world)).cursor
    path = "/instances/{}/project"
    await asyncio.gather(*(asks(world, owner, "PUT", path.format(each), {"project_id": chosen}) for each in instances))
    made = (await changes(world, before)).changes
    assert {each.instance_id for each in made} == set(instances)
    assert [each.change for each in made] == sorted(each.change for each in made)


async def test_nothing_is_put_into_an_archived_project_and_what_is_in_it_stays(world: World) -> None:
    org_id, [owner] = await team(world)
    chosen = await project(world, owner, org_id, "old")
    kept, late = await instance(world, owner, org_id, "kept"), await instance(world, owner, org_id, "late")
    assert (await asks(world, owner, "PUT", f"/instances/{kept}/project", {"project_id": chosen})).status_code == 200
    path = f"/organizations/{org_id}/projects/{chosen}"
    assert (await asks(world, owner, "PATCH", path, {"is_archived": True})).json()["archived_at"] is not None
    refused = await asks(world, owner, "PUT", f"/instances/{late}/project", {"project_id": chosen})
    assert (refused.status_code, kind_of(refused)) == (409, "project-archived")
    assert (await asks(world, owner, "GET", f"/instances/{kept}")).json()["project_id"] == chosen
    listed = (await asks(world, owner, "GET", f"/organizations/{org_id}/projects")).json()["projects"]
    assert listed == []
    everything = await asks(world, owner, "GET", f"/organizations/{org_id}/projects?with_archived=true")
    assert [each["id"] for each in everything.json()["projects"]] == [chosen]


async def test_instances_are_found_by_project_and_by_labels(world: World) -> None:
    org_id, [owner] = await team(world)
    chosen = await project(world, owner, org_id, "shop")
    web, db = await instance(world, owner, org_id, "a-web"), await instance(world, owner, org_id, "b-db")
    await asks(world, owner, "PUT", f"/instances/{web}/project", {"project_id": chosen})
    for each, tier in ((web, "front"), (db, "back")):
        answer = await asks(world, owner, "PUT", f"/instances/{each}/labels", {"labels": {"env": "live", "tier": tier}})
        assert answer.json()["labels"] == {"env": "live", "tier": tier}

    async def found(query: str) -> list[str]:
        answer = await asks(world, owner, "GET", f"/instances?{query}")
        return [each["id"] for each in answer.json()["instances"]]

    assert await found(f"project_id={chosen}") == [web]
    assert await found("label=env=live") == [web, db]
    assert await found("label=env=live&label=tier=back") == [db]
    assert await found(f"label=tier=back&project_id={chosen}") == []


@pytest.mark.parametrize(
    "labels",
    [{f"k{number}": "" for number in range(17)}, {"Upper": "x"}, {"k": "x" * 64}, {"k": "a\x00b"}, {"": "x"}, {"k": 1}],
)
async def test_labels_are_bounded(world: World, labels: dict[str, object]) -> None:
    org_id, [owner] = await team(world)
    instance_id = await instance(world, owner, org_id, "vm")
    answer = await asks(world, owner, "PUT", f"/instances/{instance_id}/labels", {"labels": labels})
    assert answer.status_code == 422


async def test_a_viewer_allocates_nothing_and_a_stranger_finds_nothing(world: World) -> None:
    org_id, [owner, viewer] = await team(world, "viewer")
    other_org, [stranger] = await team(world)
    chosen = await project(world, owner, org_id, "ours")
    instance_id = await instance(world, owner, org_id, "vm")
    theirs = await instance(world, stranger, other_org, "theirs")
    asked: list[tuple[str, str, dict[str, object] | None]] = [
        ("GET", f"/organizations/{org_id}/projects", None),
        ("POST", f"/organizations/{org_id}/projects", {"key": "k", "name": "K"}),
        ("GET", f"/organizations/{org_id}/projects/{chosen}", None),
        ("GET", f"/organizations/{other_org}/projects/{chosen}", None),
        ("PATCH", f"/organizations/{other_org}/projects/{chosen}", {"name": "mine"}),
        ("PUT", f"/instances/{instance_id}/project", {"project_id": None}),
        ("PUT", f"/instances/{instance_id}/labels", {"labels": {}}),
        ("PUT", f"/instances/{theirs}/project", {"project_id": chosen}),
        ("GET", "/instances/projects", None),
    ]
    for method, path, sent in asked:
        assert (await asks(world, stranger, method, path, sent)).status_code == 404, (method, path)
    assert (await asks(world, stranger, "GET", f"/instances?project_id={chosen}")).json()["instances"] == []
    allocations: list[tuple[str, dict[str, object]]] = [
        ("project", {"project_id": chosen}),
        ("labels", {"labels": {}}),
    ]
    for what, body in allocations:
        assert (await asks(world, viewer, "PUT", f"/instances/{instance_id}/{what}", body)).status_code == 403
