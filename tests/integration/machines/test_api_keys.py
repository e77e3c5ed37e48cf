"""API keys: shown once, limited to what they were made for, rotated with an overlap, refused soon after their end."""

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.accounts.conftest import Person, World

from fogbank.accounts.client import MachinesClient
from fogbank.runtime.credentials.key_format import is_key, new_key
from fogbank.runtime.origin import Origin, coming_from

HERE = "192.0.2.0/24"
WEEK_SECONDS = 7 * 24 * 3600


async def made(world: World, person: Person, **facts: Any) -> dict[str, Any]:
    body = {"name": "a program", "scopes": ["*"], **facts}
    answer = await world.http.post("/api/v1/api-keys", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def me(world: World, api_key: str, header: str = "x-api-key") -> int:
    value = f"Bearer {api_key}" if header == "authorization" else api_key
    return (await world.http.get("/api/v1/users/me", headers={header: value})).status_code


async def listed(world: World, person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await world.http.get("/api/v1/api-keys", headers=person.headers, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["api_keys"]
    return found


async def rotated(world: World, person: Person, key_id: str, seconds: int) -> dict[str, Any]:
    body = {"old_ends_after_seconds": seconds}
    answer = await world.http.post(f"/api/v1/api-keys/{key_id}:rotate", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_key_speaks_for_its_user_in_either_header(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person))["api_key"]
    assert is_key(secret)
    assert await me(world, secret) == await me(world, secret, "authorization") == 200


async def test_a_revoked_key_is_refused_within_two_seconds(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    assert await me(world, key["api_key"]) == 200
    revoked = await world.http.delete(f"/api/v1/api-keys/{key['key']['id']}", headers=person.headers)
    assert revoked.status_code == 204
    world.clock.forward(timedelta(seconds=2))
    assert await me(world, key["api_key"]) == 401


async def test_a_key_ends_when_it_says(world: World) -> None:
    person = await world.person()
    key = await made(world, person, expires_at=(world.clock() + timedelta(hours=1)).isoformat())
    assert await me(world, key["api_key"]) == 200
    world.clock.forward(timedelta(hours=1))
    assert await me(world, key["api_key"]) == 401


async def test_the_secret_is_nowhere_in_the_database_and_never_shown_again(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    again = await world.http.get("/api/v1/api-keys", headers=person.headers)
    assert key["api_key"] not in again.text
    assert again.json()["api_keys"][0]["last_four"] == key["api_key"][-4:]
    async with world.database.connection() as connection:
        rows = await (
            await connection.execute("""
                SELECT api_keys::text FROM accounts.api_keys UNION ALL
                SELECT machine_secrets::text FROM accounts.machine_secrets UNION ALL
                SELECT activity::text FROM accounts.activity
            """)
        ).fetchall()
    assert rows
    assert all(key["api_key"][8:] not in row[0] for row in rows)


async def test_while_a_key_is_rotated_both_its_secrets_work_and_it_is_one_key(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    old, key_id = key["api_key"], key["key"]["id"]
    new = await rotated(world, person, key_id, WEEK_SECONDS)
    assert new["key"]["id"] == key_id
    assert await me(world, old) == await me(world, new["api_key"]) == 200
    [one] = await listed(world, person)
    assert [secret["last_four"] for secret in one["secrets"]] == [new["api_key"][-4:], old[-4:]]
    assert one["last_four"] == new["api_key"][-4:]
    world.clock.forward(timedelta(seconds=WEEK_SECONDS))
    person = await world.again(person)
    assert (await me(world, old), await me(world, new["api_key"])) == (401, 200)
    [one] = await listed(world, person)
    assert len(one["secrets"]) == 1


async def test_a_key_rotated_twice_has_its_last_two_secrets(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    second = await rotated(world, person, key["key"]["id"], WEEK_SECONDS)
    third = await rotated(world, person, key["key"]["id"], 60)
    world.clock.forward(timedelta(seconds=2))
    answers = [await me(world, each["api_key"]) for each in (key, second, third)]
    assert answers == [401, 200, 200]
    world.clock.forward(timedelta(seconds=58))
    assert await me(world, second["api_key"]) == 401


async def test_a_leaked_secret_can_be_replaced_at_once(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    assert await me(world, key["api_key"]) == 200
    new = await rotated(world, person, key["key"]["id"], 0)
    world.clock.forward(timedelta(seconds=2))
    assert (await me(world, key["api_key"]), await me(world, new["api_key"])) == (401, 200)


async def test_an_old_secret_works_for_a_week_at_most_and_a_dead_key_gets_no_new_one(world: World) -> None:
    person = await world.person()
    path = f"/api/v1/api-keys/{(await made(world, person))['key']['id']}"
    too_long = {"old_ends_after_seconds": WEEK_SECONDS + 1}
    assert (await world.http.post(f"{path}:rotate", json=too_long, headers=person.headers)).status_code == 422
    assert (await world.http.delete(path, headers=person.headers)).status_code == 204
    dead = await world.http.post(f"{path}:rotate", json={}, headers=person.headers)
    assert (dead.status_code, dead.json()["type"]) == (409, "urn:fogbank:problem:machine-ended")


async def test_a_key_made_before_there_was_a_checksum_still_works(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    old = "fb_live_" + "Old-key_" * 5 + "abc"
    async with world.database.connection() as connection:
        await connection.execute(
            "UPDATE accounts.machine_secrets SET secret_sha256 = sha256(%s) WHERE owner_id = %s",
            [old.encode(), key["key"]["id"]],
        )
    assert await me(world, old) == 200


async def test_a_key_is_used_from_its_networks_only(world: World) -> None:
    person = await world.person()
    key = await made(world, person, networks=[HERE])
    for place, status in (("192.0.2.7", 200), ("203.0.113.7", 401), ("", 401)):
        with coming_from(Origin(place)):
            assert await me(world, key["api_key"]) == status
    assert key["key"]["networks"] == [HERE]
    body = {"name": "x", "scopes": ["*"], "networks": ["192.0.2.1/24"]}
    wrong = await world.http.post("/api/v1/api-keys", json=body, headers=person.headers)
    assert (wrong.status_code, wrong.json()["network"]) == (422, "192.0.2.1/24")


async def test_a_limited_key_does_what_it_was_made_for_and_no_more(world: World) -> None:
    person = await world.person()
    limited = {"x-api-key": (await made(world, person, scopes=["accounts:read"]))["api_key"]}
    assert (await world.http.get("/api/v1/users/me", headers=limited)).status_code == 200
    refused = await world.http.post("/api/v1/organizations", json={"name": "No"}, headers=limited)
    assert (refused.status_code, refused.json()["scope"]) == (403, "accounts:write")


async def test_a_key_that_makes_an_organisation_sees_it_within_two_seconds(world: World) -> None:
    person = await world.person()
    key = {"x-api-key": (await made(world, person))["api_key"]}
    org_id = (await world.http.post("/api/v1/organizations", json={"name": "New"}, headers=key)).json()["id"]
    world.clock.forward(timedelta(seconds=2))
    assert (await world.http.get(f"/api/v1/organizations/{org_id}", headers=key)).status_code == 200
    assert (await world.http.get("/api/v1/users/me", headers=person.headers)).status_code == 200


async def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(world: World) -> None:
    person = await world.person()
    body = {"name": "x", "scopes": ["weather:read"]}
    refused = await world.http.post("/api/v1/api-keys", json=body, headers=person.headers)
    assert (refused.status_code, refused.json()["scopes"]) == (422, ["weather:read"])
    assert "usage:read" in refused.json()["known"]


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ({"scopes": ["accounts:write", "usage:read"]}, "scope-beyond-caller"),
        ({"expires_at": None}, "lasts-longer"),
        ({"networks": []}, "wider-networks"),
        ({"networks": ["0.0.0.0/0"]}, "wider-networks"),
    ],
)
async def test_a_key_cannot_make_one_that_may_do_more(world: World, wanted: dict[str, Any], kind: str) -> None:
    person = await world.person()
    end = (world.clock() + timedelta(hours=1)).isoformat()
    limits = {"scopes": ["accounts:write"], "expires_at": end, "networks": [HERE, "198.51.100.0/24"]}
    limited = {"x-api-key": (await made(world, person, **limits))["api_key"]}
    with coming_from(Origin("192.0.2.7")):
        refused = await world.http.post("/api/v1/api-keys", json={"name": "more", **limits, **wanted}, headers=limited)
        same = await world.http.post("/api/v1/api-keys", json={"name": "as much", **limits}, headers=limited)
    assert (refused.status_code, refused.json()["type"]) == (403, f"urn:fogbank:problem:{kind}")
    assert same.status_code == 201


async def test_a_key_cannot_get_the_secret_of_one_that_may_do_more(world: World) -> None:
    person = await world.person()
    mighty = (await made(world, person))["key"]["id"]
    limited = {"x-api-key": (await made(world, person, scopes=["accounts:write"]))["api_key"]}
    refused = await world.http.post(f"/api/v1/api-keys/{mighty}:rotate", json={}, headers=limited)
    assert refused.status_code == 403


async def test_an_administrators_limited_key_is_no_administrator(world: World) -> None:
    administrator = await world.person(is_administrator=True)
    limited = {"x-api-key": (await made(world, administrator, scopes=["accounts:read"]))["api_key"]}
    assert (await world.http.get("/api/v1/users", headers=administrator.headers)).status_code == 200
    assert (await world.http.get("/api/v1/users", headers=limited)).status_code == 404


async def test_someone_elses_key_does_not_exist(world: World) -> None:
    person, stranger = await world.person(), await world.person()
    key = await made(world, person)
    path = f"/api/v1/api-keys/{key['key']['id']}"
    answers = [
        await world.http.get(path, headers=stranger.headers),
        await world.http.patch(path, json={"name": "mine"}, headers=stranger.headers),
        await world.http.post(f"{path}:rotate", json={}, headers=stranger.headers),
        await world.http.delete(path, headers=stranger.headers),
        await world.http.get("/api/v1/api-keys", params={"owner_id": person.id}, headers=stranger.headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert await me(world, key["api_key"]) == 200


async def test_an_administrator_revokes_anybodys_key_and_says_why(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    key = await made(world, person)
    path = f"/api/v1/api-keys/{key['key']['id']}"
    assert [each["id"] for each in await listed(world, administrator, owner_id=person.id)] == [key["key"]["id"]]
    assert (await world.http.delete(path, headers=administrator.headers)).status_code == 422
    headers = {**administrator.headers, "fogbank-reason": "it was found in a public repository"}
    assert (await world.http.delete(path, headers=headers)).status_code == 204
    [act] = (await world.accounts.activity(subject=f"api_key:{key['key']['id']}", action="api_key.revoked")).activities
    assert (act.actor_id, act.reason) == (administrator.id, "it was found in a public repository")


async def test_keys_are_listed_page_by_page(world: World) -> None:
    person = await world.person()
    ids = sorted([(await made(world, person))["key"]["id"] for _ in range(5)])
    first = await world.http.get("/api/v1/api-keys", params={"limit": 3}, headers=person.headers)
    rest = await listed(world, person, after=first.json()["next_cursor"])
    assert [each["id"] for each in first.json()["api_keys"] + rest] == ids


async def test_a_key_is_renamed(world: World) -> None:
    person = await world.person()
    path = f"/api/v1/api-keys/{(await made(world, person))['key']['id']}"
    await world.http.patch(path, json={"name": "the build"}, headers=person.headers)
    assert (await world.http.get(path, headers=person.headers)).json()["name"] == "the build"


async def test_all_that_happens_to_a_key_is_in_the_activity_log(world: World) -> None:
    person = await world.person()
    key_id = (await made(world, person))["key"]["id"]
    await rotated(world, person, key_id, 60)
    await world.http.patch(f"/api/v1/api-keys/{key_id}", json={"name": "new"}, headers=person.headers)
    await world.http.delete(f"/api/v1/api-keys/{key_id}", headers=person.headers)
    acts = (await world.accounts.activity(subject=f"api_key:{key_id}")).activities
    assert [act.action for act in reversed(acts)] == [
        "api_key.created",
        "api_key.rotated",
        "api_key.renamed",
        "api_key.revoked",
    ]


async def test_services_ask_who_has_a_key_and_nobody_else_may(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person, scopes=["usage:read"], networks=["192.0.2.0/24"]))["api_key"]
    facts = await MachinesClient(world.accounts.service).key_facts(secret)
    assert facts is not None
    assert (facts.caller.id, facts.caller.scopes) == (person.id, frozenset({"usage:read"}))
    assert [str(network) for network in facts.networks] == ["192.0.2.0/24"]
    assert await MachinesClient(world.accounts.service).key_facts(new_key(bytes)) is None
    for path, body in (("introspect", {"api_key": secret}), ("used", {"uses": []})):
        refused = await world.http.post(f"/api/v1/auth/api-keys:{path}", json=body, headers=person.headers)
        assert refused.status_code == 404
    feed = await world.http.get("/api/v1/auth/credential-changes", headers=person.headers)
    assert feed.status_code == 404


async def test_a_key_notes_when_it_was_last_used_and_from_where(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person))["api_key"]
    with coming_from(Origin("192.0.2.7")):
        assert await me(world, secret) == 200
    [unwritten] = await listed(world, person)
    assert unwritten["last_used_at"] is None
    machines = MachinesClient(world.accounts.service)
    await world.app.state.authenticator.uses.flush(machines.report_uses)
    [written] = await listed(world, person)
    assert written["last_used_at"] == world.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert written["last_used_address"] == "192.0.2.7"
