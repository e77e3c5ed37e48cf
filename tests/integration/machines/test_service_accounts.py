"""Service accounts: machines of an organisation get tokens as OAuth clients do, and may what their role allows."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.integration.accounts.conftest import Person, World

from fogbank.runtime.origin import Origin, coming_from

FORM = {"grant_type": "client_credentials"}
TOKEN = "/api/v1/auth/token"


async def organization(world: World) -> tuple[str, Person]:
    owner = await world.person()
    org_id = await world.organization(owner)
    return org_id, await world.again(owner)


async def made(world: World, org_id: str, person: Person, **facts: Any) -> dict[str, Any]:
    body = {"name": "the build", "role": "member", "scopes": ["accounts:read"], **facts}
    path = f"/api/v1/organizations/{org_id}/service-accounts"
    answer = await world.http.post(path, json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def asked(world: World, account: dict[str, Any], secret: str | None = None, **fields: str) -> httpx.Response:
    shown = httpx.BasicAuth(account["client_id"], secret or account["client_secret"])
    return await world.http.post(TOKEN, data={**FORM, **fields}, auth=shown)


async def token_of(world: World, account: dict[str, Any]) -> dict[str, str]:
    answer = await asked(world, account)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_machine_gets_a_token_as_an_oauth_client_does(world: World) -> None:
    account = await made(world, *await organization(world))
    by_header = await asked(world, account)
    facts = {"client_id": account["client_id"], "client_secret": account["client_secret"]}
    by_body = await world.http.post(TOKEN, data={**FORM, **facts})
    by_json = await world.http.post(TOKEN, json={**FORM, **facts})
    for answer in (by_header, by_body, by_json):
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert (document["token_type"], document["scope"]) == ("Bearer", "accounts:read")
        assert 0 < document["expires_in"] <= 300
        assert answer.headers["cache-control"] == "no-store"


async def test_a_machine_sees_its_organisation_and_no_other(world: World) -> None:
    (org_id, owner), (other_id, _) = await organization(world), await organization(world)
    headers = await token_of(world, await made(world, org_id, owner))
    assert (await world.http.get(f"/api/v1/organizations/{org_id}", headers=headers)).status_code == 200
    assert (await world.http.get(f"/api/v1/organizations/{other_id}", headers=headers)).status_code == 404


async def test_a_machine_does_not_make_machines_or_keys(world: World) -> None:
    org_id, owner = await organization(world)
    headers = await token_of(world, await made(world, org_id, owner, role="admin", scopes=["*"]))
    body = {"name": "another", "role": "admin", "scopes": ["*"]}
    path = f"/api/v1/organizations/{org_id}/service-accounts"
    assert (await world.http.post(path, json=body, headers=headers)).status_code == 403
    key = {"name": "a key", "scopes": ["*"]}
    assert (await world.http.post("/api/v1/api-keys", json=key, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"scope": "accounts:write"}, 400, "invalid_scope"),
        ({"scope": "no:such"}, 400, "invalid_scope"),
        ({"audience": "weather"}, 400, "invalid_target"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
    ],
)
async def test_what_is_refused_says_so_as_the_standard_does(
    world: World, fields: dict[str, str], status: int, error: str
) -> None:
    account = await made(world, *await organization(world))
    answer = await asked(world, account, **fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"] == answer.json()["detail"]


@pytest.mark.parametrize("secret", ["wrong", "fb_secret_" + "0" * 49])
async def test_a_wrong_secret_is_an_invalid_client(world: World, secret: str) -> None:
    account = await made(world, *await organization(world))
    answer = await asked(world, account, secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_token_can_be_asked_for_less_than_the_account_may(world: World) -> None:
    account = await made(world, *await organization(world), scopes=["*"])
    answer = await asked(world, account, scope="usage:read accounts:read", audience="accounts")
    assert answer.json()["scope"] == "accounts:read usage:read"


async def test_secrets_are_rotated_with_an_overlap_and_there_are_two_at_most(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner)
    path = f"/api/v1/service-accounts/{account['client_id']}"
    secrets = [account["client_secret"]]
    for _ in range(2):
        body = {"old_ends_after_seconds": 3600}
        answer = await world.http.post(f"{path}:rotate-secret", json=body, headers=owner.headers)
        secrets.append(answer.json()["client_secret"])
    answers = [(await asked(world, account, secret)).status_code for secret in secrets]
    assert answers == [401, 200, 200]
    world.clock.forward(timedelta(hours=1))
    owner = await world.again(owner)
    shown = (await world.http.get(path, headers=owner.headers)).json()["secrets"]
    assert [each["last_four"] for each in shown] == [secrets[2][-4:]]


async def test_a_key_of_a_service_account_is_the_organisations(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner)
    body = {"name": "a key", "scopes": ["accounts:read"], "service_account_id": account["client_id"]}
    made_key = (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()
    key = {"x-api-key": made_key["api_key"]}
    assert (await world.http.get(f"/api/v1/organizations/{org_id}", headers=key)).status_code == 200
    listed = await world.http.get("/api/v1/api-keys", params={"owner_id": account["client_id"]}, headers=owner.headers)
    assert [each["id"] for each in listed.json()["api_keys"]] == [made_key["key"]["id"]]
    more = {**body, "scopes": ["usage:read"]}
    assert (await world.http.post("/api/v1/api-keys", json=more, headers=owner.headers)).status_code == 403


async def test_revoking_a_service_account_ends_its_tokens_and_keys_within_two_seconds(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner)
    body = {"name": "a key", "scopes": ["accounts:read"], "service_account_id": account["client_id"]}
    key = (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()["api_key"]
    token = await token_of(world, account)
    shown = [token, {"x-api-key": key}]
    path = f"/api/v1/organizations/{org_id}"
    assert [(await world.http.get(path, headers=each)).status_code for each in shown] == [200, 200]
    gone = await world.http.delete(f"/api/v1/service-accounts/{account['client_id']}", headers=owner.headers)
    assert gone.status_code == 204
    world.clock.forward(timedelta(seconds=2))
    assert [(await world.http.get(path, headers=each)).status_code for each in shown] == [401, 401]
    assert (await asked(world, account)).status_code == 401


async def test_what_a_service_account_may_is_changed_for_its_keys_too(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner, scopes=["*"])
    body = {"name": "a key", "scopes": ["*"], "service_account_id": account["client_id"]}
    key = (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()["api_key"]
    path = f"/api/v1/organizations/{org_id}"
    assert (await world.http.get(path, headers={"x-api-key": key})).status_code == 200
    change = {"scopes": ["usage:read"]}
    await world.http.patch(f"/api/v1/service-accounts/{account['client_id']}", json=change, headers=owner.headers)
    world.clock.forward(timedelta(seconds=2))
    refused = await world.http.get(path, headers={"x-api-key": key})
    assert (refused.status_code, refused.json()["scope"]) == (403, "accounts:read")


async def test_a_key_lets_a_machine_do_nothing_that_it_may_not_do_itself(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner, role="viewer", scopes=["*"])
    path = f"/api/v1/service-accounts/{account['client_id']}"
    limits: list[dict[str, Any]] = [
        {"scopes": ["accounts:write"]},
        {"scopes": ["*"], "expires_at": (world.clock() + timedelta(days=7)).isoformat()},
    ]
    for limit in limits:
        body = {"name": "limited", **limit}
        key = (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()["api_key"]
        shown = {"x-api-key": key}
        assert (await world.http.patch(path, json={"role": "admin"}, headers=shown)).status_code == 403
        assert (await world.http.patch(path, json={"name": "renamed"}, headers=shown)).status_code == 200
    assert (await world.http.get(path, headers=owner.headers)).json()["role"] == "viewer"


async def test_another_organisations_service_account_does_not_exist(world: World) -> None:
    (org_id, owner), (_, stranger) = await organization(world), await organization(world)
    account = await made(world, org_id, owner)
    path = f"/api/v1/service-accounts/{account['client_id']}"
    of_organization = f"/api/v1/organizations/{org_id}/service-accounts"
    wanted = {"name": "mine", "role": "viewer", "scopes": ["accounts:read"]}
    key = {"name": "mine", "scopes": ["*"], "service_account_id": account["client_id"]}
    answers = [
        await world.http.get(path, headers=stranger.headers),
        await world.http.patch(path, json={"name": "mine"}, headers=stranger.headers),
        await world.http.post(f"{path}:rotate-secret", json={}, headers=stranger.headers),
        await world.http.delete(path, headers=stranger.headers),
        await world.http.get(of_organization, headers=stranger.headers),
        await world.http.post(of_organization, json=wanted, headers=stranger.headers),
        await world.http.post("/api/v1/api-keys", json=key, headers=stranger.headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)


async def test_no_machine_owns_an_organisation(world: World) -> None:
    org_id, owner = await organization(world)
    body = {"name": "the boss", "role": "owner", "scopes": ["*"]}
    path = f"/api/v1/organizations/{org_id}/service-accounts"
    assert (await world.http.post(path, json=body, headers=owner.headers)).status_code == 422


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b'{"grant_type": "password"}', b"[" * 5000])
async def test_a_body_that_is_no_request_is_described_as_any_other_is(world: World, body: bytes) -> None:
    answer = await world.http.post(TOKEN, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fogbank:problem:invalid-request")


async def test_keys_are_published_for_others_to_remember_a_while(world: World) -> None:
    answer = await world.http.get("/api/v1/auth/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert all(key["use"] == "sig" and key["kid"] and "d" not in key for key in answer.json()["keys"])


@pytest.mark.parametrize("limited", ["networks", "expires_at"])
async def test_a_key_that_ends_or_is_kept_to_networks_gets_nobody_a_secret_that_does_not(
    world: World, limited: str
) -> None:
    """A service account's secret has no end and is good from everywhere."""
    limits = {"networks": ["192.0.2.0/24"], "expires_at": (world.clock() + timedelta(days=7)).isoformat()}
    org_id, owner = await organization(world)
    known = await made(world, org_id, owner)
    body = {"name": "for a week", "scopes": ["*"], limited: limits[limited]}
    key = (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()["api_key"]
    shown, wanted = {"x-api-key": key}, {"name": "for ever", "role": "admin", "scopes": ["*"]}
    of_organization = f"/api/v1/organizations/{org_id}/service-accounts"
    rotating = f"/api/v1/service-accounts/{known['client_id']}:rotate-secret"
    with coming_from(Origin("192.0.2.1")):
        new = await world.http.post(of_organization, json=wanted, headers=shown)
        rotated = await world.http.post(rotating, json={}, headers=shown)
    assert (new.status_code, rotated.status_code) == (403, 403), new.text + rotated.text
