"""Conflicts: a reading that lost and says something else is listed with both contents; a plain repeat is not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.mending.conftest import MendingWorld
from tests.integration.usage.conftest import MARCH, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client.mending import ConflictView

MINUTE = timedelta(minutes=1)


async def conflicts_of(world: MendingWorld, instance_id: str, count: int) -> list[ConflictView]:
    """The instance's conflicts once there are so many, and nothing is left to look at."""
    while True:
        found = (await world.mending.conflicts(instance_id=instance_id)).conflicts
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)


async def looked_through(world: MendingWorld) -> None:
    """Wait until a conflict that is made now, behind all else, is found."""
    instance_id = f"marker-{world.numbers}"
    await world.send(reading(instance_id, MARCH))
    await world.send(reading(instance_id, MARCH, user_id="other"))
    await conflicts_of(world, instance_id, 1)


async def test_the_reading_that_lost_is_listed_with_both_contents(world: MendingWorld) -> None:
    first = await world.send(reading("k-1", MARCH, org_id="k-1", metrics={"cpu_seconds": 1}))
    second = await world.send(
        reading("k-1", MARCH + MINUTE, org_id="k-1"),
        reading("k-1", MARCH, seconds=60, user_id="other", metrics={"cpu_seconds": 2.5}),
        node_id="node-2",
    )
    [conflict] = await conflicts_of(world, "k-1", 1)
    assert (conflict.instance_id, conflict.period_start) == ("k-1", MARCH)
    won, lost = conflict.won, conflict.lost
    assert (won.stream_sequence, won.ordinal, won.node_id) == (first, 0, "node-1")
    assert (lost.stream_sequence, lost.ordinal, lost.node_id) == (second, 1, "node-2")
    assert (won.org_id, won.user_id, won.metrics["cpu_seconds"]) == ("k-1", "user_of_k-1", "1")
    assert (lost.org_id, lost.user_id, lost.metrics["cpu_seconds"]) == (None, "other", "2.5")
    assert (won.period_end, lost.period_end) == (MARCH + MINUTE / 2, MARCH + MINUTE)


async def test_plain_repeats_are_no_conflicts_also_from_another_node(world: MendingWorld) -> None:
    events = [reading("k-2", MARCH + number * MINUTE) for number in range(20)]
    await world.send(*events)
    await world.send(*events, *events[:3])
    await world.send(*events[5:], node_id="node-2")
    await world.send(reading("k-2", MARCH, sequence=4), node_id="node-2")
    await looked_through(world)
    assert (await world.mending.conflicts(instance_id="k-2")).conflicts == []


async def test_two_contents_in_one_message_and_three_in_three_are_each_listed_once(world: MendingWorld) -> None:
    await world.send(reading("k-3", MARCH), reading("k-3", MARCH, org_id="a"))
    await world.send(reading("k-3", MARCH, org_id="b"))
    await world.send(reading("k-3", MARCH, org_id="b"))
    found = await conflicts_of(world, "k-3", 3)
    assert [each.lost.org_id for each in found] == ["a", "b", "b"]
    assert {each.won.org_id for each in found} == {None}
    await looked_through(world)
    assert await conflicts_of(world, "k-3", 3) == found


async def test_a_conflict_long_after_its_window_was_looked_at_is_found(world: MendingWorld) -> None:
    await world.send(reading("k-4", MARCH))
    await looked_through(world)
    await world.send(reading("k-4", MARCH, org_id="late"))
    [conflict] = await conflicts_of(world, "k-4", 1)
    assert conflict.lost.org_id == "late"


async def test_the_original_of_a_corrected_reading_is_no_conflict_and_something_else_is(world: MendingWorld) -> None:
    await world.send(reading("k-5", MARCH, metrics={"cpu_seconds": 1}))
    await world.settled()
    await world.mending.correct("k-5", MARCH, reason="Wrong.", metrics={"cpu_seconds": "7"})
    await world.send(reading("k-5", MARCH, metrics={"cpu_seconds": 1}), node_id="node-2")
    await looked_through(world)
    assert (await world.mending.conflicts(instance_id="k-5")).conflicts == []
    # What the correction says, too, is other than what was accepted first.
    await world.send(reading("k-5", MARCH, metrics={"cpu_seconds": 7}), node_id="node-2")
    [conflict] = await conflicts_of(world, "k-5", 1)
    assert (conflict.won.metrics["cpu_seconds"], conflict.lost.metrics["cpu_seconds"]) == ("1", "7")


async def test_messages_with_gaps_between_them_are_counted_apart(world: MendingWorld) -> None:
    # What is wrong leaves a message without readings: the ones around it are still one run, and none is missed.
    for number in range(5):
        await world.send(reading("k-6", MARCH + number * MINUTE))
        await world.send(b"{not json", node_id="node-6")
        await world.send(reading("k-6", MARCH + number * MINUTE, org_id=f"o-{number}"))
    found = await conflicts_of(world, "k-6", 5)
    assert [each.lost.org_id for each in found] == [f"o-{number}" for number in range(5)]


async def test_conflicts_are_read_page_by_page_and_within_a_span(world: MendingWorld) -> None:
    events = [reading("k-7", MARCH + number * MINUTE) for number in range(5)]
    await world.send(*events)
    await world.send(*[{**event, "user_id": "other"} for event in events])
    every = await conflicts_of(world, "k-7", 5)
    found: list[ConflictView] = []
    cursor: str | None = None
    while not found or cursor:
        page = await world.mending.conflicts(instance_id="k-7", limit=2, after=cursor)
        found, cursor = found + page.conflicts, page.next_cursor
    assert found == every
    span: dict[str, Any] = {"from": (MARCH + MINUTE).isoformat(), "to": (MARCH + 3 * MINUTE).isoformat()}
    assert (await world.mending.conflicts(instance_id="k-7", **span)).conflicts == every[1:3]
    with pytest.raises(Problem) as refused:
        await world.mending.conflicts(after="nonsense")
    assert refused.value.status == 422


async def test_conflicts_are_for_administrators(world: MendingWorld) -> None:
    with pytest.raises(Problem) as refused:
        await world.as_caller(Caller("k-8", CallerKind.USER)).conflicts()
    assert refused.value.status == 404


async def test_found_conflicts_are_counted_for_prometheus(world: MendingWorld) -> None:
    await looked_through(world)
    shown = (await world.http.get("/metrics")).text
    found = next(line for line in shown.splitlines() if line.startswith("fogbank_usage_conflicts_found_total "))
    assert float(found.split()[1]) >= 1


async def test_messages_that_are_read_again_are_no_repeats(world: MendingWorld) -> None:
    await world.send(*[reading("k-9", MARCH + number * MINUTE) for number in range(3)])
    await world.settled()
    began = await world.mending.begin_replay({}, reason="Once more.")
    await world.replayed(began.id)
    await looked_through(world)
    assert (await world.mending.conflicts(instance_id="k-9")).conflicts == []
