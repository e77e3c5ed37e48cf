"""What gives a secret that outlasts a session takes a recent proof of who holds it."""

from datetime import timedelta

import pytest
from tests.integration.accounts.conftest import PASSWORD, World

from fogbank.accounts.client.factors import FactorsClient
from fogbank.runtime.client import ServiceHttp

KEY = {"name": "a program", "scopes": ["usage:read"]}


@pytest.mark.parametrize("what", ["api-keys", "organizations/{org}/service-accounts"])
async def test_a_session_of_a_while_ago_gets_a_key_only_once_it_is_confirmed(world: World, what: str) -> None:
    owner = await world.person()
    path = "/api/v1/" + what.format(org=await world.organization(owner))
    body = KEY if what == "api-keys" else {**KEY, "role": "viewer"}
    session = await world.accounts.sign_in(owner.email, PASSWORD, "192.0.2.1")
    world.clock.forward(timedelta(minutes=10))
    token = (await world.accounts.token_for_session(session.session_token)).access_token
    headers = {"authorization": f"Bearer {token}"}
    refused = await world.http.post(path, json=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:fogbank:problem:recent-proof-needed")
    assert refused.json()["methods"] == ["password"]
    await FactorsClient(ServiceHttp(world.http)).as_caller(token).confirm("password", code=PASSWORD)
    assert (await world.http.post(path, json=body, headers=headers)).status_code == 201


async def test_a_session_of_a_while_ago_lets_no_machine_do_more(world: World) -> None:
    """Whoever has its secret could do it for good."""
    owner = await world.person()
    org_id = await world.organization(owner)
    owner = await world.again(owner)
    body = {"name": "the build", "role": "viewer", "scopes": ["usage:read"]}
    made = await world.http.post(f"/api/v1/organizations/{org_id}/service-accounts", json=body, headers=owner.headers)
    path = f"/api/v1/service-accounts/{made.json()['client_id']}"
    session = await world.accounts.sign_in(owner.email, PASSWORD, "192.0.2.1")
    world.clock.forward(timedelta(minutes=10))
    token = (await world.accounts.token_for_session(session.session_token)).access_token
    headers = {"authorization": f"Bearer {token}"}
    for change in ({"role": "admin"}, {"scopes": ["*"]}):
        refused = await world.http.patch(path, json=change, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:fogbank:problem:recent-proof-needed")
    assert (await world.http.patch(path, json={"name": "the old build"}, headers=headers)).status_code == 200
    await FactorsClient(ServiceHttp(world.http)).as_caller(token).confirm("password", code=PASSWORD)
    assert (await world.http.patch(path, json={"role": "admin"}, headers=headers)).status_code == 200


async def test_a_session_of_a_while_ago_closes_nothing_and_gives_away_no_ownership(world: World) -> None:
    """Neither comes back."""
    owner, other = await world.person(), await world.person()
    org_id = await world.organization(owner)
    path = f"/api/v1/organizations/{org_id}/members/{other.id}"
    service = {"authorization": f"Bearer {await world.service_token()}"}
    assert (await world.http.put(path, json={"role": "member"}, headers=service)).status_code == 200
    session = await world.accounts.sign_in(owner.email, PASSWORD, "192.0.2.1")
    world.clock.forward(timedelta(minutes=10))
    token = (await world.accounts.token_for_session(session.session_token)).access_token
    asked = [
        (f"/api/v1/organizations/{org_id}/ownership-offer", {"user_id": other.id}, 201),
        (f"/api/v1/accounts/{org_id}/close", {"name": "Some Org"}, 200),
        (f"/api/v1/accounts/{owner.id}/close", {"name": "Somebody"}, 200),
    ]
    headers = {"authorization": f"Bearer {token}"}
    answers = [await world.http.post(path, json=body, headers=headers) for path, body, _ in asked]
    assert {answer.json().get("type") for answer in answers} == {"urn:fogbank:problem:recent-proof-needed"}
    await FactorsClient(ServiceHttp(world.http)).as_caller(token).confirm("password", code=PASSWORD)
    answers = [await world.http.post(path, json=body, headers=headers) for path, body, _ in asked]
    assert [answer.status_code for answer in answers] == [status for _, _, status in asked]


async def test_an_administrators_session_of_a_while_ago_gives_nobody_a_way_in_nor_more_to_do(world: World) -> None:
    """Who finds their browser open could make themselves one, for good."""
    administrator, other = await world.person(is_administrator=True), await world.person()
    session = await world.accounts.sign_in(administrator.email, PASSWORD, "192.0.2.1")
    world.clock.forward(timedelta(minutes=10))
    token = (await world.accounts.token_for_session(session.session_token)).access_token
    headers = {"authorization": f"Bearer {token}", "fogbank-reason": "they asked"}
    of_other = f"/api/v1/users/{other.id}"
    asked = [
        ("POST", f"{of_other}/sign-in-links", {}, 201),
        ("POST", f"/api/v1/users/{administrator.id}/sign-in-links", {}, 201),
        ("PUT", f"{of_other}/password", {"new_password": "purple monkey dishwasher"}, 204),
        ("PUT", f"{of_other}/email", {"email": f"new.{other.email}"}, 202),
        ("PATCH", of_other, {"is_administrator": True}, 200),
        ("PATCH", of_other, {"status": "active"}, 200),
        ("DELETE", f"{of_other}/second-factors", {}, 204),
        ("POST", "/api/v1/users", {"email": f"more.{other.email}", "name": "Eve"}, 201),
    ]
    answers = [await world.http.request(method, path, json=body, headers=headers) for method, path, body, _ in asked]
    assert {answer.json().get("type") for answer in answers} == {"urn:fogbank:problem:recent-proof-needed"}
    await FactorsClient(ServiceHttp(world.http)).as_caller(token).confirm("password", code=PASSWORD)
    answers = [await world.http.request(method, path, json=body, headers=headers) for method, path, body, _ in asked]
    assert [answer.status_code for answer in answers] == [status for *_, status in asked]
