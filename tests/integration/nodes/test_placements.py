"""An instance is on one node at a time, nobody rewrites the past, and who follows the changes misses none."""

import asyncio
from datetime import datetime, timedelta

import psycopg
import pytest
from tests.integration.owning import owning

from fogbank.compute.client import NodeChangesView, NodeFactsView, PlacementView
from fogbank.compute.nodes.model import Seen
from fogbank.compute.nodes.store import changes
from fogbank.runtime.problems import Problem

from .conftest import ROOT, SERVICE, World, new_key, new_name
from .test_registration import refusal, status_of


async def place(
    world: World,
    node_id: str,
    user_id: str,
    instance_id: str = "",
    *,
    tier: str | None = None,
    since: datetime | None = None,
    moves: bool = False,
) -> PlacementView:
    """Place an instance, a new one unless it is named, as an orchestrator would."""
    return await world.as_(SERVICE).place(
        instance_id=instance_id or new_name("vm"),
        node_id=node_id,
        user_id=user_id,
        tier=tier,
        since=since,
        moves=moves,
    )


async def all_changes(world: World, since: int = 0) -> tuple[dict[str, NodeFactsView], NodeChangesView]:
    """Follow the changes to their end; the last facts of each node, and the last answer."""
    found: dict[str, NodeFactsView] = {}
    while True:
        page = await world.as_(SERVICE).changes(since, limit=3)
        found |= {each.node_id: each for each in page.nodes}
        since = page.cursor
        if page.is_complete:
            return found, page


async def test_placing_again_is_the_same_answer_and_elsewhere_is_refused_unless_it_moves(world: World) -> None:
    user_id = await world.person()
    here, there = await world.node(user_id), await world.node(user_id)
    first = await place(world, here, user_id)
    assert await place(world, here, user_id, first.instance_id) == first
    refused = await refusal(place(world, there, user_id, first.instance_id))
    assert (refused.status, refused.kind, refused.extra["placement_id"]) == (409, "instance-placed", first.id)
    moved = await place(world, there, user_id, first.instance_id, moves=True)
    ended = (await world.as_(SERVICE).placements(instance_id=first.instance_id)).placements[0]
    assert (moved.node_id, moved.until) == (there, None)
    assert ended.until == moved.since


async def test_of_many_who_place_an_instance_at_once_one_does(world: World) -> None:
    user_id, instance_id = await world.person(), new_name("vm")
    nodes = [await world.node(user_id) for _ in range(6)]
    outcomes = await asyncio.gather(
        *(place(world, node_id, user_id, instance_id) for node_id in nodes), return_exceptions=True
    )
    assert sorted(map(status_of, outcomes)) == [201] + [409] * 5


async def test_the_database_itself_keeps_an_instance_on_one_node_and_the_past_as_it_was(world: World) -> None:
    user_id = await world.person()
    here, there = await world.node(user_id), await world.node(user_id)
    placed = await place(world, here, user_id)
    ended = await world.as_(SERVICE).end_placement(placed.id)
    overlapping = """
        INSERT INTO compute.placements (instance_id, node_id, user_id, tier, is_self_placed, since, until, recorded_at,
            ended_at) VALUES (%s, %s, 'u', 'standard', false, %s, %s, now(), now())
    """
    assert ended.until is not None
    before = placed.since - timedelta(hours=1)
    async with world.database.connection() as connection:
        until = ended.until + timedelta(seconds=1)
        with pytest.raises(psycopg.errors.ExclusionViolation):
            await connection.execute(overlapping, [placed.instance_id, there, before, until])
        await connection.execute(overlapping, [placed.instance_id, there, before, placed.since])
    for change in ("UPDATE compute.placements SET user_id = 'x'", "DELETE FROM compute.placements"):
        async with owning(world.database) as owner:
            with pytest.raises(psycopg.errors.RestrictViolation):
                await owner.execute(f"{change} WHERE id = {placed.id}")
        async with world.database.connection() as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(f"{change} WHERE id = {placed.id}")


async def test_only_about_now_can_be_said(world: World) -> None:
    user_id = await world.person()
    node_id = await world.node(user_id)
    now = (await world.as_(SERVICE).changes(0)).as_of
    for since in (now - timedelta(minutes=6), now + timedelta(minutes=1)):
        assert (await refusal(place(world, node_id, user_id, since=since))).status == 422
    recent = await place(world, node_id, user_id, since=now - timedelta(minutes=4))
    assert recent.since == now - timedelta(minutes=4)
    assert recent.recorded_at >= now
    early = world.as_(SERVICE).end_placement(recent.id, until=recent.since - timedelta(seconds=1))
    assert (await refusal(early)).status == 422
    ended = await world.as_(SERVICE).end_placement(recent.id, until=recent.since)
    assert await world.as_(SERVICE).end_placement(recent.id) == ended


async def test_accounts_learns_of_the_instance_and_its_tier(world: World) -> None:
    user_id, other = await world.person(), await world.person()
    node_id = await world.node(user_id)
    placed = await place(world, node_id, user_id, tier="gpu-large")
    known = await world.accounts.instance(placed.instance_id)
    assert (known.user_id, known.tier, placed.tier) == (user_id, "gpu-large", "gpu-large")
    stolen = await refusal(place(world, node_id, other, placed.instance_id, moves=True))
    assert (stolen.status, stolen.kind) == (409, "instance-taken")


async def test_who_pays_and_who_runs_the_node_see_a_placement_and_nobody_else(world: World) -> None:
    operator, customer, stranger = [await world.person() for _ in range(3)]
    node_id = await world.node(operator)
    placed = await place(world, node_id, customer)
    for badge in (operator, customer, ROOT):
        seen = (await world.as_(badge).placements(instance_id=placed.instance_id)).placements
        assert [each.id for each in seen] == [placed.id]
    assert (await world.as_(stranger).placements(node_id=node_id)).placements == []
    assert (await refusal(world.as_(stranger).placements(account_id=customer))).status == 404
    assert (await refusal(world.as_(customer).node(node_id))).status == 404
    assert (await refusal(world.as_(customer).end_placement(placed.id))).status == 404
    answer = await world.http.get(f"/api/v1/placements/{placed.id}", headers={"authorization": f"Bearer {stranger}"})
    assert answer.status_code == 404


async def test_changes_tell_all_facts_of_the_nodes_that_changed_and_only_those(world: World) -> None:
    user_id, key = await world.person(), new_key()
    node_id, quiet = await world.node(user_id, key=key), await world.node(user_id)
    known, page = await all_changes(world)
    assert {node_id, quiet} <= known.keys()
    placed = await place(world, node_id, user_id)
    news, after = await all_changes(world, page.cursor)
    assert set(news) == {node_id}
    [fact] = news[node_id].placements
    assert (fact.instance_id, fact.user_id, fact.recorded_at) == (placed.instance_id, user_id, placed.recorded_at)
    assert page.as_of < placed.recorded_at < after.as_of
    assert [each.public_key for each in news[node_id].keys] == [key.public]
    await world.as_(ROOT).revoke(node_id, "gone")
    last, _ = await all_changes(world, after.cursor)
    assert last[node_id].revoked_at is not None


async def test_an_answer_waits_for_what_is_being_written_and_so_misses_nothing(world: World) -> None:
    """A writer that took its instant before the answer's, and has not committed, is waited for."""
    node_id = await world.node(await world.person())
    cursor = (await all_changes(world))[1].cursor
    async with world.database.transaction() as tx:
        recorded_at = await changes.as_writer(tx)
        await tx.execute(
            "UPDATE compute.nodes SET revoked_at = %s, revoke_reason = 'r' WHERE id = %s", [recorded_at, node_id]
        )
        await changes.touch(tx, node_id)
        asking = asyncio.ensure_future(world.as_(SERVICE).changes(cursor))
        await _someone_waits_for_the_lock(world)
        assert not asking.done()
    answer = await asking
    assert [each.revoked_at for each in answer.nodes] == [recorded_at]
    assert answer.as_of > recorded_at


async def test_while_many_write_whatever_was_recorded_before_an_answer_is_in_it(world: World) -> None:
    user_id = await world.person()
    nodes = [await world.node(user_id) for _ in range(3)]
    answers: list[NodeChangesView] = []

    async def follow() -> None:
        cursor = 0
        while True:
            page = await world.as_(SERVICE).changes(cursor)
            cursor = page.cursor
            answers.append(page)

    following = asyncio.ensure_future(follow())
    placed = await asyncio.gather(*(place(world, node, user_id) for node in nodes * 8))
    seen_after_all = len(answers) + 1
    while len(answers) <= seen_after_all:  # noqa: ASYNC110 - it follows for ever
        await asyncio.sleep(0)
    following.cancel()
    first_told: dict[str, int] = {}
    for number, page in enumerate(answers):
        for fact in (fact for node in page.nodes for fact in node.placements):
            first_told.setdefault(fact.instance_id, number)
    for each in placed:
        told = first_told[each.instance_id]
        assert all(page.as_of < each.recorded_at for page in answers[:told])


async def test_what_nobody_placed_is_seen_on_self_placing_nodes_and_bears_on_nothing(world: World) -> None:
    user_id, other = await world.person(), await world.person()
    itself, placed_by_hand = await world.node(user_id, is_self_placing=True), await world.node(user_id)
    loose, taken = new_name("vm"), (await place(world, placed_by_hand, user_id)).instance_id
    cursor = (await all_changes(world))[1].cursor
    seen = [
        Seen(itself, loose, other, None),
        Seen(itself, taken, other, None),
        Seen(placed_by_hand, new_name("vm"), other, None),
    ]
    assert await world.nodes.observing.observe(seen) == 1
    assert await world.nodes.observing.observe(seen) == 0
    [found] = (await world.as_(other).placements(node_id=itself)).placements
    assert (found.instance_id, found.is_self_placed) == (loose, True)
    assert (await all_changes(world, cursor))[0] == {}
    moved = await place(world, placed_by_hand, other, loose)
    assert not moved.is_self_placed
    assert (await world.as_(other).placements(node_id=itself)).placements[0].until == moved.since


async def test_a_node_is_told_what_is_on_it_once_for_each_change(world: World) -> None:
    user_id = await world.person()
    node_id = await world.node(user_id)
    placed = await place(world, node_id, user_id, tier="gpu-large")
    async with asyncio.timeout(10):
        while not (told := await world.queue.configuration_of(node_id)) or not told.placements:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert [(each.instance_id, each.user_id, each.tier) for each in told.placements] == [
        (placed.instance_id, user_id, "gpu-large")
    ]
    world.nodes.configuring.all_changed()
    await world.nodes.configuring.publish_changed()
    again = await world.queue.configuration_of(node_id)
    assert again == told
    await world.as_(SERVICE).end_placement(placed.id)
    async with asyncio.timeout(10):
        while (last := await world.queue.configuration_of(node_id)) == told:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert last is not None
    assert (last.placements, last.revision) == ([], told.revision + 1)


async def test_nothing_is_placed_on_a_node_that_was_revoked(world: World) -> None:
    user_id = await world.person()
    node_id = await world.node(user_id)
    await world.as_(ROOT).revoke(node_id, "gone")
    assert (await refusal(place(world, node_id, user_id))).kind == "node-revoked"
    assert (await refusal(place(world, "nowhere", user_id))).status == 404


async def test_administrators_say_why_they_place(world: World) -> None:
    user_id = await world.person()
    node_id, instance_id = await world.node(user_id), new_name("vm")
    silent = world.as_(ROOT).place(instance_id=instance_id, node_id=node_id, user_id=user_id)
    assert (await refusal(silent)).status == 422
    assert (await refusal(world.accounts.instance(instance_id))).status == 404, "nothing of it was done"
    placed = await world.as_(ROOT).place(
        instance_id=instance_id, node_id=node_id, user_id=user_id, reason="ordered on paper"
    )
    log = await world.accounts.activity(subject=f"instance:{instance_id}")
    assert [(each.action, each.reason) for each in log.activities] == [("placement.begin", "ordered on paper")]
    with pytest.raises(Problem):
        await world.as_(ROOT).end_placement(placed.id)


async def test_a_placement_that_is_refused_changes_no_tier(world: World) -> None:
    user_id = await world.person()
    placed = await place(world, await world.node(user_id), user_id)
    long_ago = placed.since - timedelta(hours=1)
    refused = await refusal(place(world, placed.node_id, user_id, placed.instance_id, tier="premium", since=long_ago))
    assert refused.status == 422
    assert (await world.accounts.instance(placed.instance_id)).tier == placed.tier


async def _someone_waits_for_the_lock(world: World) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with asyncio.timeout(10), world.database.connection() as connection:
        while (await (await connection.execute(waiting)).fetchone()) == (0,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
