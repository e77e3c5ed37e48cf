"""Nobody has others written to without end, however many organisations they make to invite them to."""

from datetime import timedelta

import httpx
from tests.integration.accounts.signing_in.conftest import Someone, World


async def organization(world: World, owner: Someone) -> tuple[str, Someone]:
    """A new one, and its owner with a token that knows it."""
    made = await world.http.post("/api/v1/organizations", json={"name": "An organisation"}, headers=owner.headers)
    return str(made.json()["id"]), await world.holding(owner.session, owner.email)


async def invite(world: World, owner: Someone, org_id: str, email: str) -> httpx.Response:
    body, path = {"email": email, "role": "member"}, f"/api/v1/organizations/{org_id}/invitations"
    return await world.http.post(path, json=body, headers=owner.headers)


async def test_a_mailbox_gets_few_invitations_in_an_hour_from_however_many_organisations(world: World) -> None:
    victim, owner = world.new_address(), await world.someone()
    answers = []
    for _ in range(4):
        org_id, owner = await organization(world, owner)
        answers.append(await invite(world, owner, org_id, victim))
    path = f"/api/v1/organizations/{org_id}/invitations/{answers[-1].json()['invitation']['id']}/resend"
    answers += [await world.http.post(path, headers=owner.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 201, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert len(await world.subjects(victim)) == 5
    world.clock.forward(timedelta(hours=1))
    assert (await world.http.post(path, headers=(await world.holding(owner.session)).headers)).status_code == 200


async def test_who_may_not_invite_uses_up_nothing(world: World) -> None:
    mailbox, owner, stranger = world.new_address(), await world.someone(), await world.someone()
    org_id, owner = await organization(world, owner)
    assert {(await invite(world, stranger, org_id, mailbox)).status_code for _ in range(6)} == {404}
    assert (await invite(world, owner, org_id, mailbox)).status_code == 201
