"""Replays: any part of the queue is read again, changes nothing that was right, and brings back what was lost."""

from datetime import timedelta

import pytest
from tests.integration.mending.conftest import MendingWorld
from tests.integration.mending.test_corrections import total
from tests.integration.usage.conftest import MARCH, reading

from fogbank.runtime.problems import Problem

MINUTE = timedelta(minutes=1)
WHY = "After the restore."


async def test_reading_everything_again_changes_no_total(world: MendingWorld) -> None:
    await world.send(*[reading("r-1", MARCH + number * MINUTE, org_id="r-1") for number in range(3)])
    await total(world, "r-1", instance_seconds="90")
    await world.settled()
    before = await world.client().figures()
    began = await world.mending.begin_replay({}, reason=WHY)
    assert began.state == "waiting"
    done = await world.replayed(began.id)
    assert (done.next_sequence, done.messages > 0, done.events >= 3) == (done.last_sequence + 1, True, True)
    after = await world.client().figures()
    assert (after.accounts, after.stored_events) == (before.accounts, before.stored_events)
    assert (await world.mending.replays())[0] == done
    [act] = (await world.accounts.activity(subject=f"replay:{began.id}")).activities
    assert (act.action, act.reason) == ("usage.replay", WHY)


async def test_a_part_is_read_again_by_sequence_and_by_time(world: MendingWorld) -> None:
    sequences = [await world.send(reading("r-2", MARCH + number * MINUTE)) for number in range(6)]
    await world.settled()
    part = {"from_sequence": sequences[1], "until_sequence": sequences[3]}
    done = await world.replayed((await world.mending.begin_replay(part, reason=WHY)).id)
    assert (done.messages, done.events, done.wrong) == (3, 3, 0)
    jetstream = world.queue.connection.jetstream()
    times = [(await jetstream.get_msg("USAGE", sequence)).time for sequence in sequences]
    span = {"from_time": times[2], "until_time": times[5]}
    done = await world.replayed((await world.mending.begin_replay(span, reason=WHY)).id)
    assert (done.first_sequence, done.last_sequence) == (sequences[2], sequences[4])


async def test_the_same_key_is_the_same_replay(world: MendingWorld) -> None:
    await world.send(reading("r-3", MARCH))
    first = await world.mending.begin_replay({"from_sequence": 1, "until_sequence": 1}, reason=WHY, key="r-3")
    done = await world.replayed("r-3")
    again = await world.mending.begin_replay({"from_sequence": 1, "until_sequence": 1}, reason=WHY, key="r-3")
    assert (first.id, again) == ("r-3", done)
    with pytest.raises(Problem) as reused:
        await world.mending.begin_replay({"from_sequence": 1}, reason=WHY, key="r-3")
    assert (reused.value.status, reused.value.kind) == (409, "key-reused")


async def test_an_empty_part_is_done_at_once_and_an_unknown_replay_is_none(world: MendingWorld) -> None:
    done = await world.replayed((await world.mending.begin_replay({"from_sequence": 10**9}, reason=WHY)).id)
    assert (done.messages, done.events) == (0, 0)
    with pytest.raises(Problem) as unknown:
        await world.mending.replay("r-nothing")
    assert unknown.value.status == 404
    with pytest.raises(Problem) as twice:
        await world.mending.begin_replay({"from_sequence": 1, "from_time": MARCH.isoformat()}, reason=WHY)
    assert twice.value.status == 422
