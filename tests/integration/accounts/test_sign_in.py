"""Signing in: the right secret opens, once where it should be once, and nothing is told to those who guess."""

from datetime import timedelta

import pytest
from tests.integration.accounts.conftest import PASSWORD, World

from fogbank.runtime.problems import Problem


async def test_the_right_password_opens_a_session_whose_token_speaks_for_the_user(world: World) -> None:
    person = await world.person()
    me = await world.accounts.as_caller(person.token).me()
    assert (me.id, me.email, me.organizations) == (person.id, person.email, {})


@pytest.mark.parametrize("email", ["known", "unknown"])
async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(world: World, email: str) -> None:
    person = await world.person()
    address = person.email if email == "known" else f"no.{person.email}"
    with pytest.raises(Problem) as refused:
        await world.accounts.sign_in(address, PASSWORD + "!", "192.0.2.2")
    assert (refused.value.status, refused.value.kind) == (401, "wrong-credentials")
    assert person.email not in refused.value.detail


async def test_guessing_is_slowed_down_where_it_comes_from_and_nowhere_else(world: World) -> None:
    person = await world.person()
    for _ in range(5):
        with pytest.raises(Problem, match="wrong"):
            await world.accounts.sign_in(person.email, "a guess", "198.51.100.7")
    with pytest.raises(Problem, match="try again") as refused:
        await world.accounts.sign_in(person.email, PASSWORD, "198.51.100.7")
    assert (refused.value.status, refused.value.headers) == (429, {"retry-after": "60"})
    assert await world.accounts.sign_in(person.email, PASSWORD, "198.51.100.8")
    world.clock.forward(timedelta(minutes=1))
    assert await world.accounts.sign_in(person.email, PASSWORD, "198.51.100.7")


async def test_only_a_service_may_say_where_a_person_sits(world: World) -> None:
    person = await world.person()
    body = {"email": person.email, "password": "a guess", "client_address": "203.0.113.1"}
    for _ in range(5):
        await world.http.post("/api/v1/auth/sessions", json=body)
    stranger = await world.http.post("/api/v1/auth/sessions", json={**body, "client_address": "203.0.113.2"})
    assert stranger.status_code == 429
    assert await world.accounts.sign_in(person.email, PASSWORD, "203.0.113.1")


async def test_a_sign_in_link_opens_once(world: World) -> None:
    made = await world.setup("link-host", "link@example.org")
    session = await world.accounts.sign_in_by_link(made.sign_in_token)
    assert session.user_id == made.user_id
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.sign_in_by_link(made.sign_in_token)


async def test_a_sign_in_link_ends_after_a_day(world: World) -> None:
    made = await world.setup("late-host", "late@example.org")
    world.clock.forward(timedelta(days=1))
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.sign_in_by_link(made.sign_in_token)


async def test_a_session_gives_tokens_until_it_is_ended(world: World) -> None:
    person = await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    assert await world.accounts.token_for_session(session.session_token)
    await world.accounts.sign_out(session.session_token)
    await world.accounts.sign_out(session.session_token)
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.token_for_session(session.session_token)


async def test_a_new_password_ends_every_session(world: World) -> None:
    person = await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    path = f"/api/v1/users/{person.id}/password"
    wrong = {"new_password": "another long one", "current_password": "not it"}
    assert (await world.http.put(path, json=wrong, headers=person.headers)).status_code == 401
    right = {"new_password": "another long one", "current_password": PASSWORD}
    assert (await world.http.put(path, json=right, headers=person.headers)).status_code == 204
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.token_for_session(session.session_token)
    assert await world.accounts.sign_in(person.email, "another long one", "192.0.2.1")


async def test_a_suspended_user_is_out_at_once(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    path = f"/api/v1/users/{person.id}"
    headers = {**administrator.headers, "fogbank-reason": "they asked for it"}
    answer = await world.http.patch(path, json={"status": "suspended"}, headers=headers)
    assert answer.json()["status"] == "suspended"
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.token_for_session(session.session_token)
    with pytest.raises(Problem, match="no longer hold"):
        await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")


async def test_what_has_ended_is_deleted_by_the_hourly_job(world: World) -> None:
    made = await world.setup("swept-host", "swept@example.org")
    person = await world.person()
    await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    assert await _kept(world, [made.user_id, person.id]) == (2, 1)
    world.clock.forward(timedelta(days=15))
    await world.run_job()
    assert await _kept(world, [made.user_id, person.id]) == (0, 0)


async def _kept(world: World, user_ids: list[str]) -> tuple[int, int]:
    """How many sessions and links of these people there are."""
    async with world.database.connection() as connection:
        rows = await connection.execute(
            """
            SELECT (SELECT count(*) FROM accounts.sessions WHERE user_id = ANY (%(ids)s)),
                (SELECT count(*) FROM accounts.sign_in_links WHERE user_id = ANY (%(ids)s))
            """,
            {"ids": user_ids},
        )
        [(sessions, links)] = await rows.fetchall()
        return sessions, links


async def test_a_service_with_a_wrong_secret_gets_no_token(world: World) -> None:
    for client_id, secret in (("billing", "wrong"), ("nobody", ""), ("nobody", "wrong")):
        body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        answer = await world.http.post("/api/v1/auth/token", json=body)
        assert answer.status_code in (401, 422)


async def test_a_token_can_be_asked_for_known_services_only(world: World) -> None:
    person = await world.person()
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    token = await world.accounts.token_for_session(session.session_token, ["usage"])
    with pytest.raises(Problem, match="no service named weather"):
        await world.accounts.token_for_session(session.session_token, ["weather"])
    assert token.token_type == "Bearer"
