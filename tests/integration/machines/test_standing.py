"""Tokens and keys say what holds: whose session, from where, for which service, in which standing."""

from datetime import timedelta

import pyotp
import pytest
from tests.integration.accounts.conftest import PASSWORD, World
from tests.integration.machines.test_service_accounts import asked, made, organization, token_of

from fogbank.accounts.client import SessionView, remote_authenticator
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.machines.revocations import revoke
from fogbank.runtime.auth import Caller
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem


async def caller_by(world: World, headers: dict[str, str]) -> Caller:
    caller: Caller = await world.app.state.authenticator.authenticate(headers)
    return caller


async def stands(world: World, org_id: str, status: str) -> None:
    """Put an organisation into a standing, as whoever may does."""
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE accounts.organizations SET status = %s WHERE id = %s", [status, org_id])
        await revoke(tx, org_id)
    world.clock.forward(timedelta(seconds=2))


async def test_a_persons_token_knows_its_session_and_where_a_service_says_they_sit(world: World) -> None:
    person = await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    token = await world.accounts.token_for_session(session.session_token, client_address="192.0.2.9")
    caller = await caller_by(world, {"authorization": f"Bearer {token.access_token}"})
    assert caller.session_id == session.session_id != ""
    assert caller.address == "192.0.2.9"
    body = {"grant_type": "session", "session_token": session.session_token, "client_address": "203.0.113.9"}
    stranger = await world.http.post("/api/v1/auth/token", json=body)
    unbelieved = await caller_by(world, {"authorization": f"Bearer {stranger.json()['access_token']}"})
    assert unbelieved.address != "203.0.113.9"


async def test_each_process_takes_tokens_for_itself_only(world: World) -> None:
    person = await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    token = await world.accounts.token_for_session(session.session_token, ["accounts", "billing"])
    shown = {"authorization": f"Bearer {token.access_token}"}
    for audience, is_taken in (({"usage"}, False), ({"billing"}, True), ({"usage", "billing"}, True)):
        process = remote_authenticator(http=world.http, token=world.service_token, audience=audience, clock=world.clock)
        if is_taken:
            assert (await process.authenticate(shown)).id == person.id
        else:
            with pytest.raises(Problem, match="not one that this service accepts"):
                await process.authenticate(shown)


async def test_a_machine_of_a_suspended_organisation_reads_and_pays_and_makes_nothing(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner, role="admin", scopes=["*"])
    token = await token_of(world, account)
    assert (await caller_by(world, token)).organizations == {org_id: "admin"}
    await stands(world, org_id, "suspended")
    with pytest.raises(Problem, match="no longer holds"):
        await caller_by(world, token)
    assert (await caller_by(world, await token_of(world, account))).organizations == {org_id: "billing"}
    owner = await world.again(owner)
    body = {"name": "another", "role": "viewer", "scopes": ["usage:read"]}
    path = f"/api/v1/organizations/{org_id}/service-accounts"
    refused = await world.http.post(path, json=body, headers=owner.headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fogbank:problem:not-active")
    gone = await world.http.delete(f"/api/v1/service-accounts/{account['client_id']}", headers=owner.headers)
    assert gone.status_code == 204


async def test_a_machine_of_a_closed_organisation_may_nothing(world: World) -> None:
    org_id, owner = await organization(world)
    account = await made(world, org_id, owner)
    await stands(world, org_id, "closed")
    assert (await asked(world, account)).status_code == 401


async def test_who_gives_up_a_second_factor_leaves_what_requires_one_within_two_seconds(world: World) -> None:
    """With all their keys; and is back as soon with the next one."""
    org_id, owner = await organization(world)
    path = f"/api/v1/organizations/{org_id}"
    body = {"name": "a program", "scopes": ["*"]}
    shown = {
        "x-api-key": (await world.http.post("/api/v1/api-keys", json=body, headers=owner.headers)).json()["api_key"]
    }
    session = await world.accounts.sign_in(owner.email, PASSWORD, "192.0.2.1")
    factors = await factors_of(world, session)
    await take_an_app(world, factors)
    bearer = await bearer_of(world, session)
    required = await world.http.put(f"{path}/second-factor", json={"is_required": True}, headers=bearer)
    assert required.status_code == 200, required.text
    world.clock.forward(timedelta(seconds=2))
    bearer = await bearer_of(world, session)
    assert [(await world.http.get(path, headers=each)).status_code for each in (bearer, shown)] == [200, 200]
    await (await factors_of(world, session)).remove_totp()
    world.clock.forward(timedelta(seconds=2))
    assert [(await world.http.get(path, headers=each)).status_code for each in (bearer, shown)] == [401, 404]
    await take_an_app(world, await factors_of(world, session))
    world.clock.forward(timedelta(seconds=2))
    assert (await world.http.get(path, headers=shown)).status_code == 200


async def bearer_of(world: World, session: SessionView) -> dict[str, str]:
    token = await world.accounts.token_for_session(session.session_token)
    return {"authorization": f"Bearer {token.access_token}"}


async def factors_of(world: World, session: SessionView) -> FactorsClient:
    token = await world.accounts.token_for_session(session.session_token)
    return FactorsClient(ServiceHttp(world.http)).as_caller(token.access_token)


async def take_an_app(world: World, factors: FactorsClient) -> None:
    seed = await factors.begin_totp()
    await factors.confirm_totp(pyotp.TOTP(seed.secret).at(world.clock()))
