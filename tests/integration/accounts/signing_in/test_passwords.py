"""Changing a password, sign-in links, and what administrators do to people: with a reason, and on record."""

import asyncio

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, Someone, World

from fogbank.accounts.client import SignInLinkView
from fogbank.runtime.problems import Problem

REASON = {"fogbank-reason": "they asked by telephone"}


async def put(world: World, whose: str, by: Someone, headers: dict[str, str] | None = None, **body: str) -> int:
    answer = await world.http.put(
        f"/api/v1/users/{whose}/password", json=body, headers={**by.headers, **(headers or {})}
    )
    return answer.status_code


async def test_ones_own_takes_the_current_one_ends_other_sessions_and_keeps_this_one(world: World) -> None:
    ann = await world.someone()
    other = await world.enter(ann.email)
    assert await put(world, ann.id, ann, new_password=OTHER_PASSWORD) == 401
    assert await put(world, ann.id, ann, new_password=OTHER_PASSWORD, current_password="not it") == 401
    assert await put(world, ann.id, ann, new_password=OTHER_PASSWORD, current_password=PASSWORD) == 204
    assert await world.is_open(ann.session)
    assert not await world.is_open(other.session)
    assert await world.subjects(ann.email) == ["Your password was changed"]
    assert (await world.enter(ann.email, OTHER_PASSWORD)).id == ann.id


async def test_guessing_the_current_one_is_slowed_down(world: World) -> None:
    ann = await world.someone()
    statuses = [
        await put(world, ann.id, ann, new_password=OTHER_PASSWORD, current_password="a guess") for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]


async def test_a_weak_one_is_refused(world: World) -> None:
    ann = await world.someone()
    assert await put(world, ann.id, ann, new_password="0123456789", current_password=PASSWORD) == 422
    assert await put(world, ann.id, ann, new_password=f"{ann.email}1", current_password=PASSWORD) == 422


async def test_nobody_changes_somebody_elses(world: World) -> None:
    ann, bob = await world.someone(), await world.someone()
    assert await put(world, ann.id, bob, new_password=OTHER_PASSWORD, current_password=PASSWORD) == 404


async def test_an_administrator_sets_anothers_with_a_reason_and_it_counts_as_not_chosen(world: World) -> None:
    ann, administrator = await world.someone(), await world.someone(is_administrator=True)
    assert await put(world, ann.id, administrator, new_password=OTHER_PASSWORD) == 422
    assert await put(world, ann.id, administrator, REASON, new_password=OTHER_PASSWORD) == 204
    assert not await world.is_open(ann.session)
    again = await world.enter(ann.email, OTHER_PASSWORD)
    assert not (await world.accounts.as_caller(again.token).me()).has_chosen_password


async def link_for(world: World, email: str, *, by_email: bool = False) -> str:
    users = await world.accounts.service.get("/api/v1/users", params={"email": email}, as_=dict)
    [user] = users["users"]
    path = f"/api/v1/users/{user['id']}/sign-in-links"
    link = await world.accounts.service.post(path, {"by_email": by_email}, as_=SignInLinkView)
    assert link.url.endswith(f"/sign-in?token={link.token}")
    return link.token


async def test_who_came_by_a_link_chooses_a_password_without_the_one_before(world: World) -> None:
    ann = await world.someone()
    session = await world.door.by_link(await link_for(world, ann.email), world.browser())
    assert await put(world, ann.id, await world.holding(session), new_password=OTHER_PASSWORD) == 204
    assert await world.is_open(session)
    assert await world.enter(ann.email, OTHER_PASSWORD)


async def test_a_link_opens_one_session_however_often_it_is_used_at_once(world: World) -> None:
    ann = await world.someone()
    token = await link_for(world, ann.email)
    results = await asyncio.gather(
        *(world.door.by_link(token, world.browser()) for _ in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in results) == 1


async def test_a_link_is_one_factor(world: World) -> None:
    ann = await world.someone()
    world.factors.codes[ann.id] = "123456"
    with pytest.raises(Problem) as asked:
        await world.door.by_link(await link_for(world, ann.email), world.browser())
    assert asked.value.kind == "second-factor-needed"


async def test_a_link_can_be_sent_and_is_on_record(world: World) -> None:
    ann = await world.someone()
    await link_for(world, ann.email, by_email=True)
    assert await world.subjects(ann.email) == ["Your way in"]
    assert await world.door.by_link(await world.token_mailed_to(ann.email), world.browser())
    assert "sign_in_link.created" in await world.acts_of(ann.id)


async def test_links_are_administrators_to_give_with_a_reason(world: World) -> None:
    ann, bob, administrator = await world.someone(), await world.someone(), await world.someone(is_administrator=True)
    path = f"/api/v1/users/{ann.id}/sign-in-links"
    assert (await world.http.post(path, json={}, headers=bob.headers)).status_code == 404
    assert (await world.http.post(path, json={}, headers=ann.headers)).status_code == 404
    assert (await world.http.post(path, json={}, headers=administrator.headers)).status_code == 422
    answer = await world.http.post(path, json={}, headers={**administrator.headers, **REASON})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"status": "suspended"}, "account.suspended"),
        ({"is_administrator": True}, "user.changed"),
        ({"name": "Another Name"}, "user.changed"),
    ],
)
async def test_what_an_administrator_changes_of_somebody_takes_a_reason_and_is_on_record(
    world: World, body: dict[str, object], action: str
) -> None:
    ann, administrator = await world.someone(), await world.someone(is_administrator=True)
    path = f"/api/v1/users/{ann.id}"
    refused = await world.http.patch(path, json=body, headers=administrator.headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:fogbank:problem:reason-needed")
    answer = await world.http.patch(path, json=body, headers={**administrator.headers, **REASON})
    assert answer.status_code == 200
    assert action in await world.acts_of(ann.id)


async def test_an_administrator_creates_people_with_a_reason(world: World) -> None:
    administrator = await world.someone(is_administrator=True)
    body = {"email": world.new_address(), "name": "Carl"}
    assert (await world.http.post("/api/v1/users", json=body, headers=administrator.headers)).status_code == 422
    made = await world.http.post("/api/v1/users", json=body, headers={**administrator.headers, **REASON})
    assert made.status_code == 201
    assert await world.acts_of(made.json()["id"]) == ["user.created"]


async def test_ones_own_name_takes_no_reason(world: World) -> None:
    ann = await world.someone()
    answer = await world.http.patch(f"/api/v1/users/{ann.id}", json={"name": "Anna"}, headers=ann.headers)
    assert answer.json()["name"] == "Anna"


async def test_nobody_makes_themselves_an_administrator(world: World) -> None:
    ann = await world.someone()
    answer = await world.http.patch(f"/api/v1/users/{ann.id}", json={"is_administrator": True}, headers=ann.headers)
    assert answer.status_code == 403
