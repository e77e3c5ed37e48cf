"""API keys: shown once, limited to what they were made for, refused within seconds of being revoked."""

from datetime import timedelta
from typing import Any

from tests.integration.accounts.conftest import Person, World


async def made(world: World, person: Person, **facts: Any) -> dict[str, Any]:
    body = {"name": "a program", "scopes": ["*"], **facts}
    answer = await world.http.post("/api/v1/api-keys", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def me(world: World, api_key: str, header: str = "x-api-key") -> int:
    value = f"Bearer {api_key}" if header == "authorization" else api_key
    return (await world.http.get("/api/v1/users/me", headers={header: value})).status_code


async def test_a_key_speaks_for_its_user_in_either_header(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person))["api_key"]
    assert secret.startswith("fb_live_")
    assert await me(world, secret) == await me(world, secret, "authorization") == 200


async def test_a_revoked_key_is_refused_within_five_seconds(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    assert await me(world, key["api_key"]) == 200
    revoked = await world.http.delete(f"/api/v1/api-keys/{key['key']['id']}", headers=person.headers)
    assert revoked.status_code == 204
    world.clock.forward(timedelta(seconds=5))
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
    listed = await world.http.get("/api/v1/api-keys", headers=person.headers)
    assert key["api_key"] not in listed.text
    assert listed.json()[0]["last_four"] == key["api_key"][-4:]
    async with world.database.connection() as connection:
        rows = await (await connection.execute("SELECT api_keys::text FROM accounts.api_keys")).fetchall()
    assert all(key["api_key"][8:] not in row[0] for row in rows)


async def test_a_limited_key_does_what_it_was_made_for_and_no_more(world: World) -> None:
    person = await world.person()
    limited = {"x-api-key": (await made(world, person, scopes=["accounts:read"]))["api_key"]}
    assert (await world.http.get("/api/v1/users/me", headers=limited)).status_code == 200
    refused = await world.http.post("/api/v1/organizations", json={"name": "No"}, headers=limited)
    assert (refused.status_code, refused.json()["scope"]) == (403, "accounts:write")


async def test_a_key_cannot_make_one_that_may_do_more(world: World) -> None:
    person = await world.person()
    limited = {"x-api-key": (await made(world, person, scopes=["accounts:write"]))["api_key"]}
    body = {"name": "more", "scopes": ["accounts:write", "usage:read"]}
    refused = await world.http.post("/api/v1/api-keys", json=body, headers=limited)
    assert (refused.status_code, refused.json()["scopes"]) == (403, ["usage:read"])


async def test_an_administrators_limited_key_is_no_administrator(world: World) -> None:
    administrator = await world.person(is_administrator=True)
    limited = {"x-api-key": (await made(world, administrator, scopes=["accounts:read"]))["api_key"]}
    assert (await world.http.get("/api/v1/users", headers=administrator.headers)).status_code == 200
    assert (await world.http.get("/api/v1/users", headers=limited)).status_code == 404


async def test_someone_elses_key_cannot_be_revoked(world: World) -> None:
    person, stranger = await world.person(), await world.person()
    key = await made(world, person)
    refused = await world.http.delete(f"/api/v1/api-keys/{key['key']['id']}", headers=stranger.headers)
    assert refused.status_code == 404
    assert await me(world, key["api_key"]) == 200


async def test_services_ask_who_has_a_key_and_nobody_else_may(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person, scopes=["usage:read"]))["api_key"]
    caller = await world.accounts.who_has_key(secret)
    assert caller is not None
    assert (caller.id, caller.scopes) == (person.id, frozenset({"usage:read"}))
    assert await world.accounts.who_has_key("fb_live_unknown") is None
    refused = await world.http.post(
        "/api/v1/auth/api-keys:introspect", json={"api_key": secret}, headers=person.headers
    )
    assert refused.status_code == 404


async def test_a_key_notes_when_it_was_last_used(world: World) -> None:
    person = await world.person()
    secret = (await made(world, person))["api_key"]
    assert await me(world, secret) == 200
    listed = await world.http.get("/api/v1/api-keys", headers=person.headers)
    assert listed.json()[0]["last_used_at"] == world.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
