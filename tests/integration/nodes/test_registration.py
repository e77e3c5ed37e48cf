"""A node registers once, by a token and its key; its keys follow each other; nobody registers what they do not hold."""

import asyncio
from itertools import pairwise

import pytest

from fogbank.accounts.client import ActivitiesView
from fogbank.compute.client import NodeTokenView, RegistrationView
from fogbank.compute.client.node_proofs import registration_text, rotation_text, signature_of
from fogbank.compute.nodes.rules import KEYS_MAX
from fogbank.events.signing import key_id
from fogbank.runtime.problems import Problem

from .conftest import ADDRESS, ROOT, SERVICE, Key, World, new_key, new_name


async def token(world: World, node_id: str | None = None) -> NodeTokenView:
    operator_id = await world.person()
    return await world.as_(ROOT).invite(operator_id, node_id=node_id, reason="a new host")


def status_of(outcome: object) -> int:
    return outcome.status if isinstance(outcome, Problem) else 201


async def rotate(world: World, node_id: str, present: Key, following: Key) -> RegistrationView:
    """Rotate as a node does."""
    text = rotation_text(node_id, following.public)
    return await world.as_("").rotate(
        node_id,
        key_id=key_id(present.public),
        public_key=following.public,
        signature=signature_of(text, present.seed),
        proof=signature_of(text, following.seed),
    )


async def refusal(awaitable: object) -> Problem:
    with pytest.raises(Problem) as refused:
        await awaitable  # type: ignore[misc]
    return refused.value


async def test_a_token_registers_one_key_once_and_says_the_same_to_who_asks_again(world: World, key: Key) -> None:
    made = await token(world)
    node_id = new_name("host")
    told = await world.register(made.token, node_id, key)
    assert await world.register(made.token, node_id, key) == told
    assert (told.subject, told.inbox_prefix, told.interval_seconds) == (f"usage.v1.{node_id}", f"_INBOX.{node_id}", 30)
    assert told.queue_url == "nats://queue.example.org"
    seen = await world.as_(made.operator_id).node(node_id)
    assert [each.public_key for each in seen.keys] == [key.public]
    assert seen.operator_id == made.operator_id
    again = await refusal(world.register(made.token, node_id, new_key()))
    elsewhere = await refusal(world.register(made.token, new_name("host"), key))
    assert (again.status, again.kind, elsewhere.status) == (409, "token-used", 409)


async def test_of_many_who_show_one_token_at_once_one_gets_in(world: World) -> None:
    made = await token(world)
    names = [new_name("host") for _ in range(8)]
    outcomes = await asyncio.gather(
        *(world.register(made.token, name, new_key()) for name in names), return_exceptions=True
    )
    assert sorted(map(status_of, outcomes)) == [201] + [409] * 7


async def test_nobody_registers_a_key_that_they_do_not_hold(world: World, key: Key) -> None:
    made = await token(world)
    node_id = new_name("host")
    forged = signature_of(registration_text(made.token, node_id), new_key().seed)
    for proof in (forged, signature_of(registration_text(made.token, "another"), key.seed)):
        call = world.as_("").register(token=made.token, node_id=node_id, public_key=key.public, proof=proof)
        assert (await refusal(call)).status == 401
    assert (await world.register(made.token, node_id, key)).key_id == key_id(key.public)


async def test_a_token_that_is_not_known_or_of_another_node_lets_nobody_in(world: World, key: Key) -> None:
    assert (await refusal(world.register("fb_node_nonsense", new_name("host"), key))).status == 401
    made = await token(world, new_name("host"))
    assert (await refusal(world.register(made.token, new_name("host"), key))).status == 422


async def test_names_that_others_speak_under_are_no_nodes(world: World, key: Key) -> None:
    operator_id = await world.person()
    for name in ("services", "system", "door:user_1"):
        call = world.as_(SERVICE).register_directly(
            node_id=name, public_key=key.public, operator_id=operator_id, is_self_placing=False
        )
        assert (await refusal(call)).status == 422


async def test_a_node_that_lost_its_key_gets_another_by_a_token_of_its_name(world: World, key: Key) -> None:
    operator_id = await world.person()
    node_id = await world.node(operator_id, key=key)
    made = await world.as_(ROOT).invite(operator_id, node_id=node_id, reason="its disk died")
    found = new_key()
    await world.register(made.token, node_id, found)
    old, new = (await world.as_(ROOT).node(node_id)).keys
    assert (old.public_key, new.public_key, new.valid_until) == (key.public, found.public, None)
    assert old.valid_until == new.valid_from
    stranger = await token(world)
    assert (await refusal(world.register(stranger.token, node_id, new_key()))).kind == "node-taken"


async def test_a_key_is_of_one_node_only(world: World, key: Key) -> None:
    await world.node(await world.person(), key=key)
    made = await token(world)
    assert (await refusal(world.register(made.token, new_name("host"), key))).kind == "key-taken"


async def test_after_a_rotation_both_keys_hold_for_a_day(world: World, key: Key) -> None:
    node_id, following = await world.node(await world.person(), key=key), new_key()
    text = rotation_text(node_id, following.public)
    facts = {
        "key_id": key_id(key.public),
        "public_key": following.public,
        "signature": signature_of(text, key.seed),
        "proof": signature_of(text, following.seed),
    }
    told = await world.as_("").rotate(node_id, **facts)
    assert await world.as_("").rotate(node_id, **facts) == told
    old, new = (await world.as_(ROOT).node(node_id)).keys
    assert new.valid_until is None
    assert old.valid_until is not None
    assert (old.valid_until - new.valid_from).total_seconds() == 86_400
    async with world.signed_in(node_id, key) as by_old, world.signed_in(node_id, following) as by_new:
        assert by_old.is_connected
        assert by_new.is_connected


async def test_a_key_that_was_followed_brings_no_other(world: World, key: Key) -> None:
    """Who rotates because a key leaked is safe from who has it, though it holds for a day more."""
    node_id, following, thief = await world.node(await world.person(), key=key), new_key(), new_key()
    await rotate(world, node_id, key, following)
    refused = await refusal(rotate(world, node_id, key, thief))
    assert (refused.status, refused.kind) == (409, "key-followed")
    assert [each.public_key for each in (await world.as_(ROOT).node(node_id)).keys] == [key.public, following.public]


async def test_a_node_is_not_given_keys_without_end(world: World, key: Key) -> None:
    node_id, keys = await world.node(await world.person(), key=key), [key, *(new_key() for _ in range(KEYS_MAX))]
    for present, following in pairwise(keys[:-1]):
        await rotate(world, node_id, present, following)
    assert (await refusal(rotate(world, node_id, *keys[-2:]))).kind == "too-many-keys"
    assert len((await world.as_(ROOT).node(node_id)).keys) == KEYS_MAX


async def test_a_rotation_takes_both_keys(world: World, key: Key) -> None:
    node_id, following, thief = await world.node(await world.person(), key=key), new_key(), new_key()
    text = rotation_text(node_id, following.public)
    right = {"signature": signature_of(text, key.seed), "proof": signature_of(text, following.seed)}
    for wrong in ({"signature": signature_of(text, thief.seed)}, {"proof": signature_of(text, thief.seed)}):
        call = world.as_("").rotate(
            node_id, key_id=key_id(key.public), public_key=following.public, **{**right, **wrong}
        )
        assert (await refusal(call)).status == 401
    unknown = world.as_("").rotate("nobody", key_id=key_id(key.public), public_key=following.public, **right)
    assert (await refusal(unknown)).status == 401


async def test_who_guesses_waits(world: World) -> None:
    outcomes = [await refusal(world.register("fb_node_guess", new_name("host"), new_key())) for _ in range(30)]
    assert outcomes[-1].status == 429
    assert int(outcomes[-1].headers["retry-after"]) >= 1
    world.nodes.throttle.succeeded(ADDRESS)


async def test_administrators_say_why_and_the_activity_log_has_it(world: World) -> None:
    operator_id = await world.person()
    assert (await refusal(world.as_(ROOT).invite(operator_id))).status == 422
    node_id = await world.node(operator_id)
    await world.as_(ROOT).revoke(node_id, "it was stolen")
    page = await world.accounts.service.get(
        "/api/v1/activity", params={"subject": f"node:{node_id}"}, as_=ActivitiesView
    )
    assert [(each.action, each.actor_id, each.reason) for each in page.activities] == [
        ("node.revoke", "user_root", "it was stolen")
    ]


async def test_somebody_elses_node_is_not_there(world: World) -> None:
    mine, theirs = await world.person(), await world.person()
    node_id = await world.node(theirs)
    assert (await refusal(world.as_(mine).node(node_id))).status == 404
    assert (await refusal(world.as_(mine).revoke(node_id, "mine now"))).status == 404
    assert (await refusal(world.as_(mine).invite(mine, reason="mine"))).status == 404
    assert (await refusal(world.as_(mine).changes(0))).status == 404
    assert (await refusal(world.as_(ROOT).changes(0))).status == 404
    assert (await refusal(world.as_("").nodes())).status == 401
    assert (await world.as_(mine).nodes()).nodes == []
    assert [each.id for each in (await world.as_(theirs).nodes()).nodes] == [node_id]
