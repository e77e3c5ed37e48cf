"""Signing keys change under running processes, those without accounts too, and nobody's token fails for it."""

from datetime import timedelta

from tests.integration.accounts.conftest import World

from fogbank.accounts.client import MachinesClient, remote_authenticator
from fogbank.runtime.credentials.signing_keys import LASTS_AFTER, PUBLISHED_BEFORE


async def test_a_new_key_is_published_first_and_signs_later_and_everybody_follows(world: World) -> None:
    machines = MachinesClient(world.accounts.service)
    remote = remote_authenticator(http=world.http, token=world.service_token, audience={"accounts"}, clock=world.clock)
    person = await world.person()
    before = [key.kid for key in (await machines.signing_keys()).signing_keys]
    assert (await remote.authenticate(person.headers)).id == person.id
    keys = (await machines.rotate_signing_keys()).signing_keys
    assert [key.state for key in keys if key.kid not in before] == ["waiting"]
    assert (await machines.rotate_signing_keys()).signing_keys == keys
    published = (await world.http.get("/api/v1/auth/jwks.json")).json()["keys"]
    assert {key["kid"] for key in published} == {key.kid for key in keys}
    world.clock.forward(PUBLISHED_BEFORE)
    person = await world.again(person)
    assert (await remote.authenticate(person.headers)).id == person.id
    states = {key.kid: key.state for key in (await machines.signing_keys()).signing_keys}
    assert states[keys[-1].kid] == "signing"
    world.clock.forward(LASTS_AFTER)
    assert [key.state for key in (await machines.signing_keys()).signing_keys] == ["signing"]


async def test_a_new_key_is_in_the_activity_log(world: World) -> None:
    machines = MachinesClient(world.accounts.service)
    world.clock.forward(timedelta(hours=1))
    keys = (await machines.rotate_signing_keys()).signing_keys
    [act] = (await world.accounts.activity(subject=f"signing_key:{keys[-1].kid}")).activities
    assert (act.action, act.actor_id) == ("signing_key.made", "portal")


async def test_signing_keys_are_none_of_a_persons_business_and_an_administrator_says_why(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    path = "/api/v1/auth/signing-keys"
    assert (await world.http.get(path, headers=person.headers)).status_code == 404
    assert (await world.http.post(f"{path}:rotate", headers=person.headers)).status_code == 404
    assert (await world.http.get(path, headers=administrator.headers)).status_code == 200
    assert (await world.http.post(f"{path}:rotate", headers=administrator.headers)).status_code == 422
