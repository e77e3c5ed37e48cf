"""Whatever is sent, the answer is a problem that is documented, never a failure of ours."""

import json
from typing import Any

import pytest
from tests.integration.accounts.conftest import World

from fogbank.runtime.problems import PROBLEM_JSON

KEYS, AUTH = "/api/v1/api-keys", "/api/v1/auth"
GOOD = {"name": "x", "scopes": ["*"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"scopes": []},
        {"scopes": ["*"] * 33},
        {"scopes": ["\ud800"]},
        {"expires_at": "9999-12-31T23:59:59-23:59"},
        {"expires_at": "0001-01-01T00:00:00+23:59"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"expires_at": 10**30},
        {"networks": ["999.1.1.1/8"]},
        {"networks": ["::/129"]},
        {"networks": ["10.0.0.0/8"] * 33},
        {"networks": ["fe80::1%eth0"]},
        {"networks": "10.0.0.0/8"},
        {"service_account_id": "../x"},
        {"service_account_id": 7},
    ],
)
async def test_a_key_that_cannot_be_is_refused_with_what_is_wrong(world: World, changes: dict[str, Any]) -> None:
    person = await world.person()
    body = json.dumps({**GOOD, **changes})
    headers = {**person.headers, "content-type": "application/json"}
    answer = await world.http.post(KEYS, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM_JSON)


async def test_an_end_is_taken_in_any_time_zone_there_could_be(world: World) -> None:
    person = await world.person()
    body = {**GOOD, "expires_at": "2027-06-01T00:00:00-23:59"}
    answer = await world.http.post(KEYS, json=body, headers=person.headers)
    assert answer.json()["key"]["expires_at"] == "2027-06-01T23:59:00Z"


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=%00", "owner_id=%20", "limit=x"])
async def test_a_list_is_asked_for_in_bounds(world: World, query: str) -> None:
    person = await world.person()
    assert (await world.http.get(f"{KEYS}?{query}", headers=person.headers)).status_code == 422


@pytest.mark.parametrize("seconds", [-1, 604_801, "soon", 1.5, None])
async def test_an_overlap_is_between_nothing_and_a_week(world: World, seconds: Any) -> None:
    person = await world.person()
    body = {"old_ends_after_seconds": seconds}
    answer = await world.http.post(f"{KEYS}/key_1:rotate", json=body, headers=person.headers)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{AUTH}/api-keys:used", {"uses": [{"key_id": "k", "at": "9999-12-31T23:59:59-23:59"}]}),
        (f"{AUTH}/api-keys:used", {"uses": [{"key_id": "k", "at": "0001-01-01T00:00:00+23:59"}]}),
        (f"{AUTH}/api-keys:used", {"uses": [{"key_id": "k", "at": "2026-01-01T00:00:00Z", "address": "a\x00"}]}),
        (f"{AUTH}/api-keys:used", {"uses": [{"key_id": "k", "at": "2026-01-01T00:00:00Z"}] * 1001}),
        (f"{AUTH}/api-keys:introspect", {"api_key": ""}),
        (f"{AUTH}/api-keys:introspect", {"api_key": "x" * 2000}),
    ],
)
async def test_services_are_believed_no_nonsense_either(world: World, path: str, body: dict[str, Any]) -> None:
    headers = {"authorization": f"Bearer {await world.service_token()}"}
    assert (await world.http.post(path, json=body, headers=headers)).status_code in (200, 422)


@pytest.mark.parametrize("since", ["-1", "9223372036854775808", "x", "9223372036854775807"])
async def test_a_number_far_away_is_no_fault(world: World, since: str) -> None:
    headers = {"authorization": f"Bearer {await world.service_token()}"}
    answer = await world.http.get(f"{AUTH}/credential-changes", params={"since": since}, headers=headers)
    assert answer.status_code in (200, 422)


async def test_nothing_is_found_under_an_id_that_nobody_has(world: World) -> None:
    person = await world.person()
    for method, path in (
        ("GET", f"{KEYS}/key_none"),
        ("DELETE", f"{KEYS}/key_none"),
        ("GET", "/api/v1/service-accounts/machine_none"),
        ("DELETE", "/api/v1/service-accounts/machine_none"),
        ("GET", "/api/v1/organizations/org_none/service-accounts"),
    ):
        assert (await world.http.request(method, path, headers=person.headers)).status_code == 404
