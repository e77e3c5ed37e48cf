"""Any history of a key: it works exactly while a plain model says so, whatever was rotated, revoked or waited for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.accounts.conftest import Person, World
from tests.integration.machines.test_api_keys import made

from fogbank.runtime.problems import Problem

SOON = timedelta(seconds=2)
"""After so long, what was done is known everywhere."""

steps = st.lists(
    st.one_of(
        st.tuples(st.just("rotate"), st.sampled_from([0, 1, 60, 3600, 7 * 24 * 3600])),
        st.tuples(st.just("wait"), st.sampled_from([1, 58, 3598, 24 * 3600])),
        st.tuples(st.just("revoke"), st.just(0)),
        st.tuples(st.just("rename"), st.just(0)),
    ),
    max_size=7,
)


@dataclass
class Model:
    """A key as its documentation has it: the newest secret has no end, the one before it one, the others are gone."""

    expires_at: datetime | None
    secrets: list[str]
    ends: list[datetime | None] = field(default_factory=lambda: [None])
    is_revoked: bool = False

    def has_ended(self, now: datetime) -> bool:
        return self.is_revoked or (self.expires_at is not None and self.expires_at <= now)

    def rotate(self, secret: str, seconds: int, now: datetime) -> None:
        older = [now if end is None or end > now else end for end in self.ends[:-1]]
        self.ends = [*older, now + timedelta(seconds=seconds), None]
        self.secrets.append(secret)

    def works(self, number: int, now: datetime) -> bool:
        end = self.ends[number]
        return not self.has_ended(now) and (end is None or end > now)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from([None, 60, 3600, 2 * 24 * 3600]))
async def test_a_key_works_exactly_while_it_should(
    world: World, history: list[tuple[str, int]], lasts_seconds: int | None
) -> None:
    person = await world.person()
    expires_at = None if lasts_seconds is None else world.clock() + timedelta(seconds=lasts_seconds)
    key = await made(world, person, expires_at=None if expires_at is None else expires_at.isoformat())
    model, key_id = Model(expires_at, [key["api_key"]]), key["key"]["id"]
    assert await works(world, key["api_key"])  # from here on it is remembered
    for verb, seconds in history:
        person = await world.again(person)
        if verb == "wait":
            world.clock.forward(timedelta(seconds=seconds))
        else:
            await done(world, person, key_id, model, verb=verb, seconds=seconds)
        world.clock.forward(SOON)
        for number, secret in enumerate(model.secrets):
            assert await works(world, secret) == model.works(number, world.clock()), (number, history)


async def done(world: World, person: Person, key_id: str, model: Model, *, verb: str, seconds: int) -> None:
    path, headers = f"/api/v1/api-keys/{key_id}", person.headers
    if verb == "rotate":
        body = {"old_ends_after_seconds": seconds}
        answer = await world.http.post(f"{path}:rotate", json=body, headers=headers)
        assert (answer.status_code == 409) == model.has_ended(world.clock())
        if answer.status_code == 201:
            model.rotate(answer.json()["api_key"], seconds, world.clock())
    elif verb == "revoke":
        assert (await world.http.delete(path, headers=headers)).status_code == 204
        model.is_revoked = True
    else:
        answer = await world.http.patch(path, json={"name": "another"}, headers=headers)
        assert answer.status_code == 200


async def works(world: World, secret: str) -> bool:
    try:
        await world.app.state.authenticator.authenticate({"x-api-key": secret})
    except Problem:
        return False
    return True
