"""The quarantine: found by who, why and when; mended and sent again once; or discarded, and still there."""

import base64
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.integration.mending.conftest import MendingWorld
from tests.integration.mending.test_corrections import total
from tests.integration.usage.conftest import MARCH, reading

from fogbank.events.batch import Batch
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client.mending import QuarantineEntryView

MINUTE = timedelta(minutes=1)
WHY = "The node wrote a dash for zero."


async def entry_of(world: MendingWorld, node_id: str, **params: Any) -> QuarantineEntryView:
    """The node's only entry, once everything that was sent is read."""
    await world.settled()
    [entry] = (await world.mending.quarantine(node_id=node_id, **params)).entries
    return entry


def wrong(instance_id: str) -> dict[str, Any]:
    return reading(instance_id, MARCH, org_id=instance_id, metrics={"cpu_seconds": "-"})


async def test_an_entry_says_what_was_wrong_and_shows_its_bytes(world: MendingWorld) -> None:
    sequence = await world.send(reading("q-1", MARCH), wrong("q-1"), node_id="n-q-1")
    entry = await entry_of(world, "n-q-1")
    assert (entry.field, entry.place, entry.state) == ("metrics.cpu_seconds", f"{sequence}.1", "open")
    assert "Expected `float`" in entry.reason
    seen = await world.mending.entry(entry.id)
    assert seen.entry == entry
    assert seen.text == msgspec.json.encode(wrong("q-1")).decode()
    assert base64.b64decode(seen.payload) == seen.text.encode()
    assert entry.payload_bytes == len(seen.text)


async def test_a_mended_entry_is_billed_once_however_often_it_is_sent_again(world: MendingWorld) -> None:
    await world.send(wrong("q-2"), reading("q-2", MARCH + MINUTE, org_id="q-2"), node_id="n-q-2")
    entry = await entry_of(world, "n-q-2")
    with pytest.raises(Problem) as refused:
        await world.mending.replay_entry(entry.id, reason=WHY)
    assert (refused.value.status, refused.value.kind) == (422, "still-wrong")
    assert refused.value.extra["errors"][0]["field"] == "metrics.cpu_seconds"
    mended = msgspec.json.encode(reading("q-2", MARCH, org_id="q-2", metrics={"cpu_seconds": 4})).decode()
    done = await world.mending.replay_entry(entry.id, reason=WHY, text=mended)
    assert (done.state, done.decided_by, done.decided_because) == ("replayed", "user_admin", WHY)
    assert done.replayed_as is not None
    assert await world.mending.replay_entry(entry.id, reason=WHY, text=mended) == done
    await total(world, "q-2", cpu_seconds="7", instance_seconds="60")
    stored = await world.mending.reading("q-2", MARCH)
    assert (stored.node_id, stored.stream_sequence) == ("n-q-2", done.replayed_as)
    assert (await world.mending.quarantine(node_id="n-q-2", state="open")).entries == []
    [act] = (await world.accounts.activity(subject=f"quarantine:{entry.id}")).activities
    assert (act.actor_id, act.action, act.reason) == ("user_admin", "usage.quarantine.replay", WHY)


async def test_a_done_entry_is_not_done_differently(world: MendingWorld) -> None:
    await world.send(wrong("q-3"), node_id="n-q-3")
    entry = await entry_of(world, "n-q-3")
    discarded = await world.mending.discard_entry(entry.id, reason="A test node.")
    assert (discarded.state, discarded.replayed_as) == ("discarded", None)
    assert await world.mending.discard_entry(entry.id, reason="Again.") == discarded
    with pytest.raises(Problem) as closed:
        await world.mending.replay_entry(entry.id, reason=WHY, text=msgspec.json.encode(reading("q-3", MARCH)).decode())
    assert (closed.value.status, closed.value.kind, closed.value.extra) == (
        409,
        "entry-closed",
        {"state": "discarded"},
    )
    assert (await world.mending.entry(entry.id)).text is not None


async def test_an_unreadable_message_is_kept_whole_and_sent_again_as_text(world: MendingWorld) -> None:
    await world.send_batch(Batch(b"\x28\xb5\x2f\xfdgarbage", {"Content-Encoding": "zstd"}), "n-q-4")
    entry = await entry_of(world, "n-q-4")
    assert entry.field == "(message)"
    assert (await world.mending.entry(entry.id)).text is None
    events = [reading("q-4", MARCH + number * MINUTE, org_id="q-4") for number in range(2)]
    await world.mending.replay_entry(entry.id, reason=WHY, text=msgspec.json.encode(events).decode())
    await total(world, "q-4", instance_seconds="60")


async def test_entries_are_found_by_node_reason_state_and_time_page_by_page(world: MendingWorld) -> None:
    for number in range(5):
        await world.send(wrong("q-5") if number % 2 else b"{not json", node_id="n-q-5")
    await world.settled()
    every = (await world.mending.quarantine(node_id="n-q-5")).entries
    assert len(every) == 5
    found: list[QuarantineEntryView] = []
    cursor: int | None = None
    while not found or cursor:
        page = await world.mending.quarantine(node_id="n-q-5", limit=2, after=cursor)
        found, cursor = found + page.entries, page.next_cursor
    assert found == every
    assert (await world.mending.quarantine(node_id="n-q-5", reason="NOT JSON")).entries == every[::2]
    span = {"from": every[1].received_at.isoformat(), "to": every[3].received_at.isoformat()}
    assert (await world.mending.quarantine(node_id="n-q-5", **span)).entries == every[1:3]
    assert (await world.mending.quarantine(node_id="n-q-of-nobody")).entries == []


async def test_the_quarantine_is_for_administrators_and_knows_what_it_has(world: MendingWorld) -> None:
    with pytest.raises(Problem) as unknown:
        await world.mending.entry(1_000_000)
    assert unknown.value.status == 404
    with pytest.raises(Problem) as hidden:
        await world.as_caller(Caller("q-6", CallerKind.USER)).quarantine()
    assert hidden.value.status == 404
