"""Gaps: what was not measured is shown as unmetered, shrinks as late readings come, and is never zero."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.integration.usage.conftest import MARCH, World, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.usage.client import Gap, History, Interval

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
START = MARCH + timedelta(days=3)


def numbered(instance_id: str, *numbers: int, start: datetime = START, **changes: Any) -> list[dict[str, Any]]:
    """A reading a minute: number n measures the n-th minute."""
    return [
        reading(instance_id, start + number * MINUTE, 60, sequence=number, user_id=f"user-{instance_id}", **changes)
        for number in numbers
    ]


async def measured(world: World, *readings: dict[str, Any]) -> None:
    """Send readings, let their hours come to rest, and have them rolled up."""
    await world.send(*readings)
    await world.settled()
    await world.rolled_up()


async def asked(world: World, instance_id: str, interval: Interval = "hour", hours: int = 24, **more: Any) -> History:
    return await world.client().history(
        "instances", instance_id, from_at=START, to_at=START + hours * HOUR, interval=interval, **more
    )


def minutes(*gaps: tuple[int, int]) -> list[Gap]:
    return [Gap(START + first * MINUTE, START + end * MINUTE, end - first) for first, end in gaps]


async def test_readings_missing_within_an_hour_are_a_gap_beside_what_was_measured(world: World) -> None:
    await measured(world, *numbered("g-1", *range(20), *range(30, 60)))
    history = await asked(world, "g-1")
    assert history.gaps == minutes((20, 30))
    [row] = history.rows
    assert (row.events, row.unmetered_seconds, row.quantities["instance_seconds"]) == (50, "600", "3000")


async def test_an_interval_of_which_nothing_was_measured_has_a_row_without_quantities(world: World) -> None:
    await measured(world, *numbered("g-2", *range(50), *range(200, 210)))
    history = await asked(world, "g-2")
    assert history.gaps == minutes((50, 200))
    assert [(row.start, row.events, row.unmetered_seconds) for row in history.rows] == [
        (START, 50, "600"),
        (START + HOUR, 0, "3600"),
        (START + 2 * HOUR, 0, "3600"),
        (START + 3 * HOUR, 10, "1200"),
    ]
    assert (history.rows[1].quantities, history.rows[1].averages) == ({}, {})
    [day] = (await asked(world, "g-2", "day")).rows
    assert (day.events, day.unmetered_seconds) == (60, "9000")


async def test_late_readings_shorten_split_and_close_a_gap_across_hours(world: World) -> None:
    await measured(world, *numbered("g-3", *range(10), *range(300, 310)))
    assert (await asked(world, "g-3")).gaps == minutes((10, 300))
    await measured(world, *numbered("g-3", *range(150, 155)))
    assert (await asked(world, "g-3")).gaps == minutes((10, 150), (155, 300))
    await measured(world, *numbered("g-3", *range(10, 140)))
    assert (await asked(world, "g-3")).gaps == minutes((140, 150), (155, 300))
    await measured(world, *numbered("g-3", *range(140, 150), *range(155, 300)))
    closed = await asked(world, "g-3")
    assert closed.gaps == []
    assert {row.unmetered_seconds for row in closed.rows} == {"0"}


async def test_earlier_readings_that_come_late_open_a_gap_before_what_was_first(world: World) -> None:
    await measured(world, *numbered("g-4", *range(400, 410)))
    assert (await asked(world, "g-4")).gaps == []
    await measured(world, *numbered("g-4", *range(10)))
    assert (await asked(world, "g-4")).gaps == minutes((10, 400))


async def test_a_restart_is_no_gap_nor_is_time_in_which_it_did_not_run(world: World) -> None:
    stopped_then_on = [
        reading("g-5", START + (number if number < 20 else number + 100) * MINUTE, 60, sequence=number)
        for number in range(40)
    ]
    restarted = [
        reading("g-6", START + number * MINUTE, 60, sequence=number if number < 20 else number - 20)
        for number in range(90)
    ]
    without_numbers = [reading("g-7", START + number * MINUTE, 60) for number in (*range(10), *range(30, 40))]
    await measured(world, *stopped_then_on, *restarted, *without_numbers)
    for instance_id, hours in (("g-5", 2), ("g-6", 2), ("g-7", 1)):
        history = await asked(world, instance_id)
        assert (history.gaps, len(history.rows)) == ([], hours)
        assert {row.unmetered_seconds for row in history.rows} == {"0"}


async def test_a_gap_after_a_restart_in_the_same_hour_is_found(world: World) -> None:
    numbers = [*range(100, 120), *range(10), *range(15, 30)]
    await measured(
        world,
        *[
            reading("g-8", START + (place if place < 30 else place + 5) * MINUTE, 60, sequence=number)
            for place, number in enumerate(numbers)
        ],
    )
    assert (await asked(world, "g-8")).gaps == minutes((30, 35))


async def test_unmetered_time_adds_up_over_instances_and_is_its_groups(world: World) -> None:
    await world.send(*numbered("g-9a", *range(10), *range(20, 60), org_id="o-g9"), node_id="n-1")
    await measured(world, *numbered("g-9b", *range(10), *range(40, 60), org_id="o-g9"))
    span: dict[str, Any] = {"from_at": START, "to_at": START + HOUR}
    client = world.client()
    [row] = (await client.history("organizations", "o-g9", **span)).rows
    assert row.unmetered_seconds == "2400"
    by_node = await client.history("organizations", "o-g9", **span, group_by=("node", "instance"))
    assert [(row.group, row.unmetered_seconds) for row in by_node.rows] == [
        ({"instance": "g-9a", "node": "n-1"}, "600"),
        ({"instance": "g-9b", "node": "node-1"}, "1800"),
    ]
    stranger = world.client(Caller("nosy", CallerKind.USER, {"o-g0": "owner"}))
    with pytest.raises(Exception, match="that you can see"):
        await stranger.history("instances", "g-9a", **span)


async def test_each_gap_is_told_once_over_the_pages(world: World) -> None:
    await measured(world, *numbered("g-10", *[n for n in range(600) if n % 60 < 40 and not 200 <= n < 400]))
    whole = await asked(world, "g-10")
    assert len(whole.gaps) == 6
    told: list[Gap] = []
    cursor: str | None = None
    while True:
        page = await asked(world, "g-10", cursor=cursor, limit=5, group_by=("meter",))
        told += page.gaps
        if (cursor := page.next_cursor) is None:
            break
    assert told == whole.gaps


async def test_rolling_up_again_leaves_gaps_as_they_are(world: World) -> None:
    await measured(world, *numbered("g-11", *range(10), *range(130, 140)))
    before = await asked(world, "g-11")
    await measured(world, *numbered("g-11", 5, 135))
    assert await asked(world, "g-11") == before
